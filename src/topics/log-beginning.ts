import type { Bus } from '../bus/bus.ts';
import { EMPTY_LOG } from '../bus/position.ts';
import { sealOf } from '../bus/seal.ts';
import { writeCursor } from './cursor.ts';
import type { LogAge } from './log-age.ts';
import type { Anchor, PastOptions } from './past.ts';
import type { TopicLog } from './topic-log.ts';

export interface LogBeginningOptions {
  readonly bus: Pick<Bus, 'agree' | 'readSeal'>;
  readonly stream: string;
  readonly generationKey: string;
  readonly age: LogAge;
  readonly topicLog: Pick<TopicLog, 'last'>;
}

/** Reads what is known of the time before the first event that a log has. */
export function readBeginning(options: LogBeginningOptions): Pick<PastOptions, 'beginning' | 'sealed'> {
  const { bus, stream, generationKey, age, topicLog } = options;
  return {
    /** As long as the generation is the same, no log was lost, so that this one had no event before its first one. */
    async beginning(): Promise<Anchor | undefined> {
      const generation = await bus.agree(generationKey, crypto.randomUUID());
      if (generation === undefined) return undefined;
      const cursor = writeCursor({ ...EMPTY_LOG, seal: sealOf(stream, EMPTY_LOG, generation) });
      return { offset: 0, cursor, appendedBy: age.emptySince(generation) };
    },
    async sealed() {
      const entry = await bus.readSeal(stream);
      if (entry?.appendedBy === undefined || entry.epoch !== topicLog.last.epoch) return undefined;
      return { offset: entry.offset, cursor: writeCursor(entry), appendedBy: entry.appendedBy };
    },
  };
}
