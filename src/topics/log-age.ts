import type { Bus } from '../bus/bus.ts';
import { EMPTY_LOG } from '../bus/position.ts';

/** What is known of the age of logs that never had an entry, in times of `performance.now()`. */
export interface LogAge {
  /** A log of this generation that is empty has had no event since this time, at least. */
  emptySince(generation: string): number;
}

/**
 * Asks for the generation of a kind of logs at once. As long as that stays the same, no log of the kind was lost since then, so one that
 * is empty was empty all the time. The log of all units says that the generation is older than this process: its entries were appended in it.
 * @param generationKey holds the generation.
 * @param allStream the log of all units; `undefined`: the kind has none.
 */
export function watchLogAge(
  bus: Pick<Bus, 'agree' | 'readFrom'>,
  generationKey: string,
  allStream: string | undefined,
): LogAge {
  let known: { readonly generation: string; readonly since: number } | undefined;

  function emptySince(generation: string): number {
    if (known?.generation !== generation) known = { generation, since: performance.now() };
    return known.since;
  }

  async function learn(): Promise<void> {
    const generation = await bus.agree(generationKey, crypto.randomUUID());
    if (generation === undefined) return;
    const asked = emptySince(generation);
    // In this order: where the data is lost in between, what is read is not older than the question.
    const [oldest] = allStream === undefined ? [] : await bus.readFrom(allStream, EMPTY_LOG, 1);
    if (oldest !== undefined && known?.generation === generation)
      known = { generation, since: Math.min(asked, oldest.appendedBy) };
  }

  learn().catch(() => undefined); // it is learned when a topic is opened
  return { emptySince };
}
