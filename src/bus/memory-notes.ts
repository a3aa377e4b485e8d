import type { Notes } from './bus.ts';

/** Notes within this process. */
export function createMemoryNotes(): Notes {
  const boards = new Map<string, Map<string, { readonly text: string; readonly expiresAt: number }>>();
  return {
    async put(board, notes, expiresInMs) {
      const known = boards.get(board) ?? new Map();
      boards.set(board, known);
      for (const [name, text] of notes) known.set(name, { text, expiresAt: performance.now() + expiresInMs });
    },
    async all(board) {
      const known = boards.get(board);
      for (const [name, { expiresAt }] of known ?? [])
        if (expiresAt <= performance.now()) known?.delete(name);
      return new Map([...(known ?? [])].map(([name, { text }]) => [name, text]));
    },
  };
}
