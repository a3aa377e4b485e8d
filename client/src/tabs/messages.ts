import type { Fault, LinkRequest, Past, Result } from '../connection/link.ts';
import type { Phase } from '../connection/status-store.ts';

/** What a tab says to the tab that leads. `tab` names it, `run` an operation that it wants. */
export type ToLeader =
  /** Who leads, and is it still there? Answered by `state`. */
  | { readonly kind: 'hello'; readonly tab: string }
  /** Its user is waiting: make the next attempt now. `reconnect`: also if the connection has stopped. */
  | { readonly kind: 'hurry' | 'reconnect'; readonly tab: string }
  /** @property link the one that was reported: what is meant for an earlier one comes too late. */
  | {
      readonly kind: 'run';
      readonly tab: string;
      readonly run: number;
      readonly link: number;
      readonly request: LinkRequest;
    }
  | { readonly kind: 'stop'; readonly tab: string; readonly run: number };

/** Where an operation stands for a run that joins it late. */
export interface Standing {
  readonly cursor: string | undefined;
  /** The newest state, where it delivers states. */
  readonly newest: Result | undefined;
}

/** What the tab that leads says to all others. */
export type FromLeader = { readonly leader: string } & (
  | {
      readonly kind: 'state';
      readonly phase: Phase;
      /** Counts the links that have opened. `undefined`: none is open. */
      readonly link: number | undefined;
    }
  /** It leads no longer. */
  | { readonly kind: 'left' }
  /** From here on a run gets what this operation delivers. */
  | {
      readonly kind: 'feed';
      readonly tab: string;
      readonly run: number;
      readonly operation: number;
      readonly standing: Standing | undefined;
    }
  | { readonly kind: 'next'; readonly operation: number; readonly result: Result }
  | { readonly kind: 'position'; readonly operation: number; readonly cursor: string }
  | { readonly kind: 'past'; readonly operation: number; readonly past: Past }
  | { readonly kind: 'ended'; readonly operation: number; readonly faults: readonly Fault[] }
);

/** `Omit` for each member of a union. */
export type WithoutLeader<Message> = Message extends unknown ? Omit<Message, 'leader'> : never;

export type TabMessage = ToLeader | FromLeader;

export const isFromLeader = (message: TabMessage): message is FromLeader => 'leader' in message;

type Fields = Readonly<Record<string, 'string' | 'number' | 'object'>>;

/** What each kind of message cannot do without. */
const FIELDS: Readonly<Record<TabMessage['kind'], Fields>> = {
  hello: { tab: 'string' },
  hurry: { tab: 'string' },
  reconnect: { tab: 'string' },
  run: { tab: 'string', run: 'number', link: 'number', request: 'object' },
  stop: { tab: 'string', run: 'number' },
  state: { leader: 'string', phase: 'object' },
  left: { leader: 'string' },
  feed: { leader: 'string', tab: 'string', run: 'number', operation: 'number' },
  next: { leader: 'string', operation: 'number', result: 'object' },
  position: { leader: 'string', operation: 'number', cursor: 'string' },
  past: { leader: 'string', operation: 'number', past: 'object' },
  ended: { leader: 'string', operation: 'number', faults: 'object' },
};

const kinds = new Map<unknown, Fields>(Object.entries(FIELDS));

/** Reads what has come over the channel. `undefined`: it is no message, since any page of the origin may post something there. */
export function readMessage(data: unknown): TabMessage | undefined {
  if (!isObject(data)) return undefined;
  const fields = kinds.get(data['kind']);
  if (fields === undefined) return undefined;
  const isWhole = Object.entries(fields).every(
    ([name, type]) => typeof data[name] === type && data[name] !== null,
  );
  // What is inside of its fields was written by this package, of this version: the channel's name says so.
  return isWhole ? (data as TabMessage) : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
