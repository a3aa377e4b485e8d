import type { InboxItem } from './inbox-items.ts';

/** What a user has read: everything up to a moment, and single things up to a later one. Moments are of the DMS's clock. */
export interface ReadState {
  /** In Unix milliseconds; 0: nothing. */
  readonly all: number;
  /** By the keys of items. */
  readonly items: Readonly<Record<string, number>>;
}

/** Where the marks are kept. An app may keep them on its own server, so that they are the same in all of a user's browsers. */
export interface ReadMarks {
  /** The same object until something changes. */
  get(): ReadState;
  set(state: ReadState): void;
  /**
   * Whether nothing was ever kept for the user. Then what happened before they came is read, but for what concerns them: their own
   * requests and what was sent back to them. Left out: never.
   */
  isNew?(): boolean;
  /** Calls back when the state has changed, also by another tab. Returns how to stop. */
  subscribe(listener: () => void): () => void;
}

export const NOTHING_READ: ReadState = { all: 0, items: {} };

/** More single marks than this are not kept: the oldest are forgotten. */
const MOST_ITEMS = 500;

export const isRead = ({ all, items }: ReadState, key: string, lastAt: number): boolean =>
  lastAt <= Math.max(all, items[key] ?? 0);

export function withRead({ all, items }: ReadState, key: string, lastAt: number): ReadState {
  const newest = Object.entries({ ...items, [key]: lastAt })
    .filter(([, at]) => at > all)
    .sort(([, one], [, other]) => other - one);
  return { all, items: Object.fromEntries(newest.slice(0, MOST_ITEMS)) };
}

/** An event may come late, or from a computer whose clock is slow: of the last minute only what is shown is read. */
const LATE_MS = 60_000;

/** @param now by the DMS's clock. What a computer whose clock is fast wrote does not make read what others write until then. */
export function withAllRead(
  state: ReadState,
  shown: readonly { readonly key: string; readonly lastAt: number }[],
  now: number,
): ReadState {
  const settled = shown.filter(({ lastAt }) => lastAt <= now - LATE_MS);
  const all = Math.max(state.all, ...settled.map(({ lastAt }) => lastAt));
  return shown
    .filter(({ lastAt }) => lastAt > all)
    .reduce<ReadState>((next, { key, lastAt }) => withRead(next, key, lastAt), { all, items: state.items });
}

/** Of a user who has never been here: nobody starts with the news of a whole unit. What concerns them is unread. */
export function withOthersRead(
  state: ReadState,
  shown: readonly Pick<InboxItem, 'key' | 'lastAt' | 'kind' | 'isOwnRequest'>[],
): ReadState {
  return shown
    .filter(({ kind, isOwnRequest }) => kind !== 'sendback' && !isOwnRequest)
    .reduce((next, { key, lastAt }) => withRead(next, key, lastAt), state);
}

const known = new Map<string, ReadMarks>();

/**
 * Marks in `localStorage`, one entry for each user, shared by all tabs of the browser. Where there is none, they last as long as the page.
 * All that ask for the same user get the same object: a browser does not notify a page of what the page writes itself.
 */
export function localReadMarks(userId: string): ReadMarks {
  const marks = known.get(userId) ?? createReadMarks(userId);
  known.set(userId, marks);
  return marks;
}

function createReadMarks(userId: string): ReadMarks {
  const place = `dms-live:read:${userId}`;
  const listeners = new Set<() => void>();
  let written: string | null = null;
  let state = NOTHING_READ;

  function read(): ReadState {
    const text = load(place);
    if (text !== undefined && text !== written) {
      written = text;
      state = parse(text);
    }
    return state;
  }

  function onStorage({ key }: StorageEvent): void {
    if (key !== place && key !== null) return;
    for (const listener of [...listeners]) listener();
  }

  return {
    get: read,
    isNew: () => load(place) === null,
    set(next) {
      state = next;
      const text = JSON.stringify(next);
      save(place, text);
      // Where it could not be written, what is there still is known, and older.
      written = load(place) ?? null;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      if (listeners.size === 0) globalThis.addEventListener?.('storage', onStorage);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) globalThis.removeEventListener?.('storage', onStorage);
      };
    },
  };
}

/** `undefined`: there is no storage; `null`: there is nothing in it. */
export function load(place: string): string | null | undefined {
  try {
    return globalThis.localStorage?.getItem(place);
  } catch {
    return undefined; // a browser that blocks storage
  }
}

export function save(place: string, text: string): void {
  try {
    globalThis.localStorage?.setItem(place, text);
  } catch {
    // full, or blocked: then it lasts as long as the page
  }
}

function parse(text: string | null): ReadState {
  try {
    const found: unknown = JSON.parse(text ?? '');
    if (typeof found !== 'object' || found === null || !('all' in found) || !('items' in found))
      return NOTHING_READ;
    const { all, items } = found;
    if (typeof all !== 'number' || typeof items !== 'object' || items === null) return NOTHING_READ;
    const marks = Object.entries(items).filter(
      (mark): mark is [string, number] => typeof mark[1] === 'number',
    );
    return { all, items: Object.fromEntries(marks) };
  } catch {
    return NOTHING_READ;
  }
}
