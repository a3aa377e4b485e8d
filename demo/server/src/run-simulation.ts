import type { Logger } from 'dms-live';
import type { Publisher } from 'dms-live/publisher';
import type { Desk } from './desk.ts';
import { type Manner, PACES, type Pace } from './pace.ts';
import { createPublishInOrder } from './publish-in-order.ts';
import { seededRandom } from './random.ts';
import type { Records } from './records.ts';
import { noteCausedEvents } from './rest/caused-events.ts';
import { createSimulatedDms } from './simulated-dms.ts';

/** What was done before the demo began, so that there is something to look at. */
const DEEDS_BEFORE = 300;
/** From one of them to the next, in milliseconds: a day and some hours in all. */
const PAUSE_BEFORE_MS = 6 * 60_000;

export interface Simulation {
  readonly records: Records;
  /** How busy the colleagues are; may be changed at any time. */
  pace: Pace;
  /** A visitor does something. Settles when it is done and published. */
  act<Result>(work: (desk: Desk) => Result): Promise<Result>;
  /** Unix milliseconds. */
  now(): number;
  /** The version of the last event, which everything that is read now knows. */
  readonly version: number;
  /** Stops at once; a message on its way may still arrive. */
  stop(): void;
}

export interface SimulationOptions {
  readonly publisher: Publisher;
  readonly log: Logger;
  readonly pace: Pace;
  /** The same seed has done the same before the demo began. */
  readonly seed: number;
}

/** Keeps a simulated DMS publishing, beginning with KPI snapshots. While Redis is away it waits. */
export function runSimulation({ publisher, log, pace, seed }: SimulationOptions): Simulation {
  let agoMs = DEEDS_BEFORE * PAUSE_BEFORE_MS;
  const now = (): number => Date.now() - agoMs;
  const random = seededRandom(seed);
  const dms = createSimulatedDms({ random, now, eventIdPrefix: `demo-${crypto.randomUUID()}` });
  for (; agoMs > 0; agoMs -= PAUSE_BEFORE_MS) dms.step(PACES.calm);

  const stopping = new AbortController();
  const publish = createPublishInOrder(publisher, log, stopping.signal);
  let current = pace;
  let turn: NodeJS.Timeout | undefined;

  function awaitTurn(): void {
    clearTimeout(turn);
    const working = PACES[current];
    if (working === undefined || stopping.signal.aborted) return;
    turn = setTimeout(() => takeTurn(working), working.pauseMs);
  }

  function takeTurn(manner: Manner): void {
    try {
      void publish(dms.step(manner)).then(awaitTurn);
    } catch (error) {
      log.error({ err: error }, 'the demo’s simulation has stopped');
    }
  }

  void publish(dms.snapshots()).then(awaitTurn);
  return {
    records: dms.records,
    get pace() {
      return current;
    },
    set pace(pace) {
      current = pace;
      awaitTurn();
    },
    async act(work) {
      const { result, messages } = dms.act(work);
      noteCausedEvents(messages);
      await publish(messages);
      return result;
    },
    now,
    get version() {
      return dms.version;
    },
    stop() {
      stopping.abort();
      clearTimeout(turn);
    },
  };
}
