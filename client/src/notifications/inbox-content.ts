import type { WhileAwayQuery } from '../generated/operations.ts';
import {
  createInboxFold,
  type InboxEvent,
  type InboxFold,
  type InboxOwner,
  type KnownItem,
} from './inbox-items.ts';

interface LiveEvent {
  readonly event: InboxEvent;
  /** When it came, as `tick` says it. */
  readonly at: number;
}

/** Whose content it is. */
export interface Owner extends InboxOwner {
  readonly key: string;
}

/** What an inbox shows. */
export interface InboxContent {
  readonly items: readonly KnownItem[];
  /** The user; `undefined` until the server has said it. */
  readonly viewerId: string | undefined;
  /** Whether the server has not answered yet. */
  readonly isLoading: boolean;
  /** From when on everything is in it, in Unix milliseconds of this browser's clock; `undefined`: that is not known. */
  readonly knownFrom: number | undefined;
  /** How far the server's clock is ahead of this browser's, in milliseconds. */
  readonly clockAheadMs: number;
  /** How many older things changed besides. */
  readonly more: number;
}

export const EMPTY: InboxContent = {
  items: [],
  viewerId: undefined,
  isLoading: true,
  knownFrom: undefined,
  clockAheadMs: 0,
  more: 0,
};

/** What an inbox knows: the server's answer, and what came live. */
export interface InboxContents {
  readonly owner: Owner | undefined;
  readonly isAnswered: boolean;
  /** The same object until something changes. */
  get(): InboxContent;
  /** Makes the content of all that is known. */
  show(isLoading: boolean): void;
  setOwner(owner: Owner | undefined): void;
  /** Nothing is known any more. */
  forget(): void;
  /** @param from what came live before is folded in the answer, as of now. */
  answered(answer: Answer | undefined, from: number): void;
  /** `isShown`: the content is another one now. `isFull`: the server has to be asked again. */
  add(event: LiveEvent): { readonly isShown: boolean; readonly isFull: boolean };
}

type Answer = WhileAwayQuery['whileAway'];

/** More live events than this are not kept: the server is asked again, which has folded them. */
const MOST_LIVE = 500;

export function createInboxContents(): InboxContents {
  let answer: Answer | undefined;
  let owner: Owner | undefined;
  let live: LiveEvent[] = [];
  let fold: InboxFold | undefined;
  let content = EMPTY;

  function foldAll(): readonly KnownItem[] {
    fold = owner && createInboxFold(answer?.lines ?? [], owner);
    for (const { event } of live) fold?.add(event);
    return fold?.items() ?? [];
  }

  function show(isLoading: boolean): void {
    const clockAheadMs = answer === undefined ? 0 : content.clockAheadMs;
    content = {
      items: foldAll(),
      viewerId: owner?.id,
      isLoading,
      knownFrom:
        answer === undefined ? undefined : Math.min(Date.now(), Date.parse(answer.knownFrom) - clockAheadMs),
      clockAheadMs,
      more: answer?.more ?? 0,
    };
  }

  return {
    get owner() {
      return owner;
    },
    get isAnswered() {
      return answer !== undefined;
    },
    get() {
      const items = fold?.items() ?? content.items;
      if (items !== content.items) content = { ...content, items };
      return content;
    },
    show,
    setOwner(next) {
      owner = next;
    },
    forget() {
      [answer, live] = [undefined, []];
      show(true);
    },
    answered(found, from) {
      if (found !== undefined) {
        answer = found;
        content = { ...content, clockAheadMs: Date.parse(found.until) - Date.now() };
        // What came before is folded in it: an older event would bring back what has changed or left since. The server process that
        // answered may be a little late.
        live = live.filter(({ at }) => at > from);
      }
      live = live.slice(-MOST_LIVE);
    },
    add(one) {
      live.push(one);
      fold?.add(one.event);
      return { isShown: fold !== undefined, isFull: live.length === 2 * MOST_LIVE };
    },
  };
}
