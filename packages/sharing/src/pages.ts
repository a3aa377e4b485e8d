import type { Frame } from './batch.ts';

/** The pages in which a history is read. Members who read the same page get the same array, and share what is made of it. */
export interface Pages {
  /** The page after an offset, which begins with `frames[first]`. */
  after(offset: number, frames: readonly Frame[], first: number): readonly Frame[];
  /** A frame was added at the end. */
  appended(): void;
  forget(): void;
}

/** @param bytes about how large a page is; it has at least one frame, if there is one. */
export function createPages(bytes: number): Pages {
  /** By the offset after which they begin. */
  const pages = new Map<number, readonly Frame[]>();
  /** Those that end with the newest frame: when there is a newer one, they are too short. */
  const lastPages = new Map<number, readonly Frame[]>();

  /**
   * A page ends where another one begins, if its size is right by half a page: then members with different cursors share the pages that
   * follow. Example: a member has read from 0 to 100 and from 100 to 200. One that begins after 130 reads up to 200.
   */
  function endOf(frames: readonly Frame[], first: number): number {
    let end: number | undefined;
    let size = 0;
    for (let at = first; at < frames.length && size < 1.5 * bytes; at += 1) {
      const { json, position } = frames[at] ?? {};
      size += json?.length ?? 0;
      if (size >= bytes / 2 && position !== undefined && pages.has(position.offset)) return at + 1;
      if (size >= bytes) end ??= at + 1;
    }
    return end ?? frames.length;
  }

  return {
    after(offset, frames, first) {
      const known = pages.get(offset) ?? lastPages.get(offset);
      if (known !== undefined) return known;
      const end = endOf(frames, first);
      const page = frames.slice(first, end).map(({ asPast }) => asPast);
      (end < frames.length ? pages : lastPages).set(offset, page);
      return page;
    },
    appended: () => lastPages.clear(),
    forget() {
      pages.clear();
      lastPages.clear();
    },
  };
}
