import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { channelOf, createMessage, QUERY } from './event.ts';
import { type Order, type Report, report } from './load/orders.ts';
import { startServant } from './support/processes.ts';
import type { BenchRedis } from './support/redis.ts';
import { SECRET, type System } from './systems.ts';

/** The subscribers of one system. */
export interface Crowd {
  readonly size: number;
  /** Connects more sockets, signs them in, subscribes them, and waits until the server is idle. */
  grow(count: number, options?: GrowOptions): Promise<Connecting>;
  /** Calls `publish`, and waits until all its events have been delivered. */
  observe(deliveries: number, publish: () => Promise<void>): Promise<Observation>;
  /** Makes this number of sockets stop reading. */
  stall(count: number): Promise<void>;
  /** Connects sockets that resume after a cursor, and waits until each has received its missed events. */
  resume(count: number, after: string, missed: number): Promise<Observation>;
  leave(): Promise<void>;
}

export interface GrowOptions {
  /** How many sockets connect at the same time. Default 100: more would overflow the listener's backlog. */
  readonly atOnce?: number;
}

export interface Connecting {
  /** The CPU time that the server needed for all of them. */
  readonly cpuMs: number;
}

export interface Observation extends Report {
  /** The CPU time that the server needed. */
  readonly cpuMs: number;
}

const answered = z.object({ answer: z.unknown().optional(), error: z.string().optional() });

/** A measurement fails after this time without any event. A stock server may be busy for that long. */
const PATIENCE_MS = 20_000;
const PROBE_MS = 10_000;
const AT_ONCE = 100;

export interface CrowdOptions {
  /** The subscribers are spread over this number of units, and each follows its own. Default 1. */
  readonly units?: number;
  /** The first of these units. Crowds with other units receive none of this crowd's events. Default 1. */
  readonly firstUnit?: number;
}

export async function gatherCrowd(
  system: System,
  redis: BenchRedis,
  { units = 1, firstUnit = 1 }: CrowdOptions = {},
): Promise<Crowd> {
  const client = startServant('load-client.js');
  const target = {
    port: system.port,
    dialect: system.dialect,
    firstUnit,
    units,
    secret: SECRET,
    query: QUERY,
  };
  let size = 0;

  async function ask(order: Order): Promise<unknown> {
    const { answer, error } = answered.parse(await client.ask(order));
    if (error !== undefined) throw new Error(`the load client against ${system.name}: ${error}`);
    return answer;
  }

  async function finish(deliveries: number, patienceMs: number): Promise<Report> {
    return report.parse(await ask({ do: 'finish', deliveries, patienceMs }));
  }

  /** The protocol does not acknowledge subscriptions. A subscription is known to run once it has received an event. */
  async function untilSubscribed(): Promise<void> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await ask({ do: 'begin' });
      for (let unit = firstUnit; unit < firstUnit + units; unit += 1)
        await redis.client.publish(channelOf(unit), createMessage(unit));
      const { deliveries, faults } = await finish(size, PROBE_MS);
      if (deliveries === size) return;
      if (faults.length > 0) throw new Error(`${system.name}: ${faults.join('; ')}`);
    }
    throw new Error(`${system.name}: not every socket of ${size} receives events`);
  }

  return {
    get size() {
      return size;
    },
    async grow(count, { atOnce = AT_ONCE } = {}) {
      const before = system.usage.cpuMs();
      await ask({ do: 'connect', ...target, count, atOnce });
      await untilIdle(system);
      const cpuMs = system.usage.cpuMs() - before;
      size += count;
      await untilSubscribed();
      return { cpuMs };
    },
    async observe(deliveries, publish) {
      await ask({ do: 'begin' });
      const before = system.usage.cpuMs();
      await publish();
      const observed = await finish(deliveries, PATIENCE_MS);
      return { ...observed, cpuMs: system.usage.cpuMs() - before };
    },
    async resume(count, after, missed) {
      await ask({ do: 'begin' });
      const before = system.usage.cpuMs();
      await ask({ do: 'connect', ...target, count, atOnce: AT_ONCE, after });
      size += count;
      const observed = await finish(count * missed, PATIENCE_MS);
      return { ...observed, cpuMs: system.usage.cpuMs() - before };
    },
    async stall(count) {
      await ask({ do: 'stall', count });
      size -= count;
    },
    leave: () => client.stop(),
  };
}

const IDLE_STEP_MS = 50;
const IDLE_CPU_MS = 3;

/** Waits until a server has been nearly idle for three steps. */
async function untilIdle({ usage }: System): Promise<void> {
  let idleSteps = 0;
  while (idleSteps < 3) {
    const before = usage.cpuMs();
    await pause(IDLE_STEP_MS);
    idleSteps = usage.cpuMs() - before < IDLE_CPU_MS ? idleSteps + 1 : 0;
  }
}

/** In microseconds. */
export function cpuPerDelivery({ cpuMs, deliveries }: Observation): number {
  return (cpuMs * 1000) / deliveries;
}
