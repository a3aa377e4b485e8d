import type { Bus, BusMessage } from '../bus/bus.ts';
import { isEnvelope, parseEnvelope } from '../bus/envelope.ts';
import type { LogPosition } from '../bus/position.ts';
import type { TopicNames } from '../events/topic-names.ts';
import { readMessage } from './read-message.ts';

/** How long an event was on its way, in milliseconds. */
export interface AppendSample {
  /** From when it occurred, by its publisher's clock, to its append, by the clock of Redis. `undefined`: it does not say. */
  readonly toAppendMs: number | undefined;
  /** From its append to its arrival here. The clocks were compared. */
  readonly toArrivalMs: number;
}

export interface AppendSampleOptions {
  readonly bus: Pick<Bus, 'appendTime'>;
  readonly names: TopicNames;
  readonly onSample: (sample: AppendSample) => void;
}

/** How often an event is looked up, in milliseconds. */
const SAMPLE_MS = 1000;
/** For how long a comparison of the clocks is used, in milliseconds, unless one with a shorter round trip comes. */
const COMPARISON_MS = 60_000;

/** How the clock of Redis compares with `performance.now()` of this process. */
interface Comparison {
  /** The clock of Redis, less ours. */
  readonly offset: number;
  /** The offset is wrong by half of this at most. */
  readonly roundTrip: number;
  readonly madeAt: number;
}

/**
 * Measures when events were appended. Messages do not say that, only the entries of the log do: so one event a second is looked up there,
 * however many come in.
 */
export function sampleAppends({ bus, names, onSample }: AppendSampleOptions): {
  offer(message: BusMessage): void;
  close(): void;
} {
  let isDue = true;
  let best: Comparison | undefined;
  const timer = setInterval(() => {
    isDue = true;
  }, SAMPLE_MS);

  function compare(made: Comparison): Comparison {
    const isOld = best === undefined || made.madeAt - best.madeAt > COMPARISON_MS;
    if (best === undefined || isOld || made.roundTrip <= best.roundTrip) best = made;
    return best;
  }

  async function sample(stream: string, position: LogPosition, occurred: string | null): Promise<void> {
    const receivedAt = performance.now();
    const found = await bus.appendTime?.(stream, position);
    if (found === undefined) return;
    const now = performance.now();
    const roundTrip = now - receivedAt;
    const { offset } = compare({ offset: found.now - (now - roundTrip / 2), roundTrip, madeAt: now });
    onSample({
      toAppendMs: occurred === null ? undefined : Math.max(0, found.at - Date.parse(occurred)),
      toArrivalMs: Math.max(0, receivedAt + offset - found.at),
    });
  }

  return {
    offer({ channel, payload }) {
      if (!isDue || !isEnvelope(payload)) return;
      const envelope = parseEnvelope(payload);
      const source = names.channelOf(channel);
      const stream = source && names.streamOf(source);
      if (envelope === undefined || source === undefined || stream === undefined) return;
      isDue = false; // also after a refused message: a flood of those must not be parsed twice
      const { event } = readMessage(names.kinds, source, envelope.event);
      if (event === undefined) return;
      sample(stream, envelope.inTopic, event.time).catch(() => undefined); // Redis is away, and that is reported elsewhere
    },
    close: () => clearInterval(timer),
  };
}
