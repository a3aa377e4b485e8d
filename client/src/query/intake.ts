import { tick } from '../connection/moments.ts';
import { createHolds, type HeldEntity, type Hold } from './holds.ts';
import type { Change } from './kind.ts';
import type { QueryWriter, Received } from './query-writer.ts';
import type { Refetcher } from './refetcher.ts';
import { ALL_KINDS } from './rules.ts';

interface IntakeOptions {
  readonly writer: Pick<QueryWriter, 'add' | 'addSoon' | 'checkAll' | 'flush'>;
  readonly refetcher: Pick<Refetcher, 'received' | 'resume'>;
  readonly onChange: ((change: Change) => void) | undefined;
  /** The event is about to be written. */
  note(received: Received): void;
}

/** Takes events in: each is filtered, kept back while its entity is held, and written. */
export function createIntake({ writer, refetcher, onChange, note }: IntakeOptions) {
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
    /** @param past when an event of the past happened: it is written, but nobody is notified of it as of something new. */
    change(event: Change, past?: number): void {
      let filtered: Change | undefined = event;
      for (const filter of filters) if (filtered !== undefined) filtered = filter(filtered);
      if (filtered === undefined) return;
      const received = { change: filtered, moment: past ?? tick() };
      if (past === undefined) {
        onChange?.(filtered);
        refetcher.received();
      }
      if (holds.keep(received)) return;
      note(received);
      if (past === undefined) writer.add(received);
      else writer.addSoon(received);
    },
    hold(held: HeldEntity): Hold {
      writer.flush();
      return holds.hold(held);
    },
    held: holds.held,
    stop: holds.stop,
  };
}
