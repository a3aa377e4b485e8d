import { tick } from './moments.ts';

/** An event of a subscription, and when it happened at the latest. */
interface PastEvent<Data> {
  readonly data: Data;
  readonly moment: number;
}

/** The last events of a subscription that runs, for a follower that joins it and begins in the past. */
export interface PastEvents<Data> {
  /** All events after this moment will be noted. */
  begin(moment: number): void;
  note(data: Data, moment?: number): void;
  /** The events after a moment. `since` is later than that if older ones are not kept. */
  after(moment: number): { readonly since: number; readonly events: readonly PastEvent<Data>[] };
}

/** Older events are not kept: a server does not replay them either. */
const KEPT_MS = 60_000;
/** More events are not kept. */
const KEPT = 250;

export function createPastEvents<Data>(): PastEvents<Data> {
  let since = Number.POSITIVE_INFINITY;
  let kept: PastEvent<Data>[] = [];
  return {
    begin(moment) {
      since = moment;
      kept = [];
    },
    note(data, moment = tick()) {
      kept.push({ data, moment });
      const first = kept.findIndex((event) => event.moment > moment - KEPT_MS);
      const dropped = kept.splice(0, Math.max(first, kept.length - KEPT)).at(-1);
      if (dropped !== undefined) since = Math.max(since, dropped.moment);
    },
    after: (moment) => ({
      since: Math.max(since, moment),
      events: kept.filter((event) => event.moment > moment),
    }),
  };
}
