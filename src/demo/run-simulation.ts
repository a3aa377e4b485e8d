import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Publisher } from '../topics/publisher.ts';
import { seededRandom } from './random.ts';
import { createSimulatedDms, type Message } from './simulated-dms.ts';

/**
 * How long from one deed to the next, in milliseconds. Short enough that a visitor who follows one kind of event of one unit
 * sees one within two seconds or so.
 */
const PAUSE_MS = 250;
/** What is done before the first event, so that there is something to count and to send back. */
const DEEDS_BEFORE = 80;

export interface Simulation {
  /** Stops at once; a message on its way may still arrive. */
  stop(): void;
}

/** Keeps a simulated DMS publishing beginning with KPI snapshots. While Redis is away it waits. */
export function runSimulation(publisher: Publisher, log: Logger): Simulation {
  const startedAt = Date.now();
  const dms = createSimulatedDms({
    random: seededRandom(startedAt),
    now: Date.now,
    eventIdPrefix: `demo-${crypto.randomUUID()}`,
  });
  for (let i = 0; i < DEEDS_BEFORE; i++) dms.step();

  const stopping = new AbortController();
  const { signal } = stopping;

  async function publish(messages: readonly Message[]): Promise<void> {
    try {
      for (const { topic, event } of messages) {
        if (!signal.aborted) await publisher.publish(topic, event);
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ reason: messageOf(error) }, 'the demo could not publish an event');
    }
  }

  async function run(): Promise<void> {
    await publish(dms.snapshots());
    while (!signal.aborted) {
      await pause(PAUSE_MS, undefined, { signal });
      await publish(dms.step());
    }
  }

  run().catch((error: unknown) => {
    if (!signal.aborted) log.error({ err: error }, 'the demo’s simulation has stopped');
  });
  return { stop: () => stopping.abort() };
}
