import { createHolds, type HeldEntity, type Hold } from './holds.ts';
import type { Change } from './kind.ts';
import type { NewestEntities } from './newest-entities.ts';
import type { QueryWriter, Received } from './query-writer.ts';
import type { Refetcher } from './refetcher.ts';
import { ALL_KINDS } from './rules.ts';
import type { Trace } from './trace.ts';

interface IntakeOptions {
  tick(): number;
  readonly writer: Pick<QueryWriter, 'add' | 'checkAll' | 'flush'>;
  readonly refetcher: Pick<Refetcher, 'received' | 'resume'>;
  readonly newest: Pick<NewestEntities, 'renew'>;
  readonly onChange: ((change: Change) => void) | undefined;
  /** An event was taken in: it is written, held, or older than what was written. */
  received(id: string): void;
  /** The event is about to be written. */
  note(received: Received): void;
  readonly trace: Trace;
}

/** Takes events in: each is filtered, kept back while its entity is held, and written. */
export function createIntake({
  tick,
  writer,
  refetcher,
  newest,
  onChange,
  received,
  note,
  trace,
}: IntakeOptions) {
  const filters = ALL_KINDS.flatMap(({ createFilter }) => createFilter?.() ?? []);
  const holds = createHolds({ released });

  function add(...all: readonly Received[]): void {
    for (const one of all) note(one);
    writer.add(...all);
  }

  function released(kept: readonly Received[], isUncertain: boolean): void {
    for (const { change } of kept) trace.listener?.received(change, 'written');
    if (isUncertain) writer.checkAll(kept);
    else add(...kept); // all together, so that only the last one is shown
    refetcher.resume();
  }

  function take(event: Change): void {
    const moment = tick();
    let filtered = newest.renew(event, moment);
    for (const filter of filters) if (filtered !== undefined) filtered = filter(filtered);
    if (filtered === undefined) {
      trace.listener?.received(event, 'older');
      return;
    }
    onChange?.(filtered);
    refetcher.received();
    const one = { change: filtered, moment };
    const isHeld = holds.keep(one);
    trace.listener?.received(filtered, isHeld ? 'held' : 'written');
    if (!isHeld) add(one);
  }

  return {
    change(event: Change): void {
      take(event);
      received(event.id);
    },
    hold(held: HeldEntity): Hold {
      writer.flush();
      return holds.hold(held);
    },
    held: holds.held,
    stop: holds.stop,
  };
}
