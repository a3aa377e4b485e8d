import { createHolds, type HeldEntity, type Hold } from './holds.ts';
import type { Change } from './kind.ts';
import type { QueryWriter, Received } from './query-writer.ts';
import type { Refetcher } from './refetcher.ts';
import { ALL_KINDS } from './rules.ts';
import type { Trace } from './trace.ts';

interface IntakeOptions {
  tick(): number;
  readonly writer: Pick<QueryWriter, 'add' | 'checkAll' | 'flush'>;
  readonly refetcher: Pick<Refetcher, 'received' | 'resume'>;
  readonly onChange: ((change: Change) => void) | undefined;
  /** The event is about to be written. */
  note(received: Received): void;
  readonly trace: Trace;
}

/** Takes events in: each is filtered, kept back while its entity is held, and written. */
export function createIntake({ tick, writer, refetcher, onChange, note, trace }: IntakeOptions) {
  const filters = ALL_KINDS.flatMap(({ createFilter }) => createFilter?.() ?? []);
  const holds = createHolds({ released });

  function add(...received: readonly Received[]): void {
    for (const one of received) note(one);
    writer.add(...received);
  }

  function released(received: readonly Received[], isUncertain: boolean): void {
    if (isUncertain) writer.checkAll(received);
    else add(...received); // all together, so that only the last one is shown
    refetcher.resume();
  }

  return {
    change(event: Change): void {
      let filtered: Change | undefined = event;
      for (const filter of filters) if (filtered !== undefined) filtered = filter(filtered);
      if (filtered === undefined) {
        trace.listener?.received(event, 'older');
        return;
      }
      onChange?.(filtered);
      refetcher.received();
      const received = { change: filtered, moment: tick() };
      const isHeld = holds.keep(received);
      trace.listener?.received(filtered, isHeld ? 'held' : 'written');
      if (!isHeld) add(received);
    },
    hold(held: HeldEntity): Hold {
      writer.flush();
      return holds.hold(held);
    },
    held: holds.held,
    stop: holds.stop,
  };
}
