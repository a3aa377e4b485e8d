import { notifyManager } from '@tanstack/react-query';
import { tick } from '../connection/moments.ts';
import { createHolds, type HeldEntity, type Hold } from './holds.ts';
import type { Change } from './kind.ts';
import type { NewestEntities } from './newest-entities.ts';
import type { QueryWriter, Received } from './query-writer.ts';
import type { Refetcher } from './refetcher.ts';
import { ALL_KINDS } from './rules.ts';
import type { Trace } from './trace.ts';

interface IntakeOptions {
  readonly writer: Pick<QueryWriter, 'add' | 'addSoon' | 'checkAll' | 'flush'>;
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
export function createIntake({ writer, refetcher, newest, onChange, received, note, trace }: IntakeOptions) {
  const filters = ALL_KINDS.flatMap(({ createFilter }) => createFilter?.() ?? []);
  const holds = createHolds({ released });

  function released(kept: readonly Received[], isUncertain: boolean): void {
    for (const { change } of kept) trace.listener?.received(change, 'written');
    if (isUncertain) writer.checkAll(kept);
    else {
      for (const one of kept) note(one);
      writer.add(...kept); // all together, so that only the last one is shown
    }
    refetcher.resume();
  }

  function take(event: Change, past: number | undefined): void {
    const moment = past ?? tick();
    let filtered = newest.renew(event, moment);
    for (const filter of filters) if (filtered !== undefined) filtered = filter(filtered);
    if (filtered === undefined) {
      trace.listener?.received(event, 'older');
      return;
    }
    const one = { change: filtered, moment };
    if (past === undefined) {
      onChange?.(filtered);
      refetcher.received();
    }
    const isHeld = holds.keep(one);
    trace.listener?.received(filtered, isHeld ? 'held' : 'written');
    if (isHeld) return;
    note(one);
    if (past === undefined) writer.add(one);
    else writer.addSoon(one);
  }

  return {
    /** @param past when an event of the past happened: it is written, but nobody is notified of it as of something new. */
    change(event: Change, past?: number): void {
      // What it changes in the cache and what `onChange` schedules is rendered together.
      notifyManager.batch(() => take(event, past));
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
