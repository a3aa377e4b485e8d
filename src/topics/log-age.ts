import type { Bus } from '../bus/bus.ts';

/** What is known of the age of logs that never had an entry, in times of `performance.now()`. */
export interface LogAge {
  /** A log of this generation that is empty has had no event since this time, at least. */
  emptySince(generation: string): number;
}

/**
 * Asks for the generation of a kind of logs at once. As long as that stays the same, no log of the kind was lost since then, so one that
 * is empty was empty all the time.
 * @param generationKey holds the generation.
 */
export function watchLogAge(bus: Pick<Bus, 'agree'>, generationKey: string): LogAge {
  let known: { readonly generation: string; readonly since: number } | undefined;

  function emptySince(generation: string): number {
    if (known?.generation !== generation) known = { generation, since: performance.now() };
    return known.since;
  }

  bus.agree(generationKey, crypto.randomUUID()).then(
    (generation) => generation !== undefined && emptySince(generation),
    () => undefined, // it is learned when a topic is opened
  );
  return { emptySince };
}
