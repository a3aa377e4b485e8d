import { z } from 'zod';
import { DIALECT_NAMES } from './dialects.ts';

/** The orders from the benchmark to the load client, one at a time. */
export const order = z.discriminatedUnion('do', [
  /** Connect this number of sockets, sign them in and subscribe them, spread over units. With a cursor, they resume after it. */
  z.object({
    do: z.literal('connect'),
    port: z.int(),
    dialect: z.enum(DIALECT_NAMES),
    count: z.int(),
    /** How many of them connect at the same time. */
    atOnce: z.int(),
    firstUnit: z.int(),
    units: z.int(),
    secret: z.string(),
    query: z.string(),
    after: z.string().optional(),
  }),
  /** Start counting from zero. */
  z.object({ do: z.literal('begin') }),
  /** Answer when this number of events has been received since `begin`, or when nothing has arrived for a while. */
  z.object({ do: z.literal('finish'), deliveries: z.int(), patienceMs: z.number() }),
  /** Stop reading on this number of sockets. */
  z.object({ do: z.literal('stall'), count: z.int() }),
]);
export type Order = z.output<typeof order>;

/** Everything that all reading sockets have received since `begin`. */
export const report = z.object({
  deliveries: z.int(),
  bytes: z.int(),
  /** The time of the last event, by the clock that all processes share. */
  lastAtMs: z.number(),
  /** The time from publishing to receiving, for a sample of the sockets, in milliseconds. */
  latency: z.object({ samples: z.int(), p50: z.number(), p99: z.number() }),
  /** The longest time that the server took to answer a WebSocket ping, in milliseconds. */
  slowestPongMs: z.number(),
  /** The number of sockets that were closed. */
  closed: z.int(),
  /** Descriptions of all other faults. */
  faults: z.array(z.string()),
});
export type Report = z.output<typeof report>;

/** The value for no figure, since JSON has no `NaN`. */
export const NOTHING = -1;
