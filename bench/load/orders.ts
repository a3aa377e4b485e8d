import { z } from 'zod';

/** The orders that the benchmark gives to the load client, one at a time. */
export const order = z.discriminatedUnion('do', [
  /** Connect, sign in and subscribe this number of sockets, spread over units; with a cursor, to resume after it. */
  z.object({
    do: z.literal('connect'),
    port: z.int(),
    count: z.int(),
    firstUnit: z.int(),
    units: z.int(),
    secret: z.string(),
    query: z.string(),
    after: z.string().optional(),
  }),
  /** Count from zero. */
  z.object({ do: z.literal('begin') }),
  /** Answer when this number of events has been received since, or nothing has come for a while. */
  z.object({ do: z.literal('finish'), deliveries: z.int(), patienceMs: z.number() }),
  /** Stop reading on this number of sockets. */
  z.object({ do: z.literal('stall'), count: z.int() }),
]);
export type Order = z.output<typeof order>;

/** What has been received since `begin`, by all sockets that read. */
export const report = z.object({
  deliveries: z.int(),
  bytes: z.int(),
  /** When the last event came, by the clock that all processes share. */
  lastAtMs: z.number(),
  /** From publishing to receiving, at a sample of the sockets, in milliseconds. */
  latency: z.object({ samples: z.int(), p50: z.number(), p99: z.number() }),
  /** The longest time that the server took to answer a WebSocket ping, in milliseconds. */
  slowestPongMs: z.number(),
  /** How many sockets were closed. */
  closed: z.int(),
  /** What else went wrong. */
  faults: z.array(z.string()),
});
export type Report = z.output<typeof report>;

/** Of what `JSON` has no word for. */
export const NOTHING = -1;
