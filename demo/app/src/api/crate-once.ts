import { createCrate, type NewCrate } from './crates.ts';
import { newKey } from './idempotency-key.ts';
import type { Id } from './rows.ts';

/**
 * Creates the crate of a draft once, however often the draft is sent: since its signature was wrong, or since nobody knows what was
 * saved. Another crate after one that is there for certain is a new one.
 */
export function createCrateOnce(): (crate: NewCrate) => Promise<Id> {
  let key = newKey();
  let made: { readonly contents: string; readonly id: Id } | undefined;
  return async (crate) => {
    const contents = JSON.stringify(crate);
    if (made?.contents === contents) return made.id;
    const { id } = await createCrate(crate, key);
    made = { contents, id };
    key = newKey();
    return id;
  };
}
