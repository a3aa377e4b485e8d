import { isRefusal } from './refusal.ts';

/** A key on whose value processes agree. */
export interface AgreedKey {
  /** Its value; `undefined`: it has none. */
  readonly read: () => Promise<string | undefined>;
  /** Sets it to what this process proposes, unless it has a value. */
  readonly propose: () => Promise<unknown>;
}

/**
 * The value of a key: the first proposal is set, and stays. Reading comes first, since the bus may refuse to write.
 * @returns `undefined` where none is set and the bus refuses to write.
 * @throws if the value was lost as soon as it was set, in a fail-over. Nobody may use what was proposed then: another process may
 *   propose something else to the bus that answers now.
 */
export async function agreeOn({ read, propose }: AgreedKey): Promise<string | undefined> {
  const agreed = await read();
  if (agreed !== undefined) return agreed;
  let isRefused = false;
  try {
    await propose();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    isRefused = true;
  }
  const set = await read();
  if (set === undefined && !isRefused) throw new Error('Redis lost a key that had just been set');
  return set;
}
