/** How operators ask servers where a user is connected, and what servers answer (contract, section 2). */
import { z } from 'zod';
import { isUserId } from '../events/ids.ts';

export const question = z.object({
  /** Names the channel of the answers, so it may be nothing else. */
  id: z.uuid(),
  userId: z.string().refine(isUserId),
});
export type Question = z.output<typeof question>;

const subscription = z.object({
  field: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  /** The channel that it reads, or the pattern of channels. */
  topic: z.string(),
  /** How far it has come in the log of its topic; `null`: its topic has no log, or it has just begun. */
  position: z.string().nullable(),
});

const connection = z.object({
  transport: z.enum(['websocket', 'event stream']),
  /** The client's address, as the server sees it; `null`: not known for this transport. */
  address: z.string().nullable(),
  /** When its session was opened, and when that ends. In milliseconds since 1970. */
  since: z.number(),
  until: z.number(),
  unitId: z.string().nullable(),
  role: z.string().nullable(),
  subscriptions: z.array(subscription),
});

export const answer = z.object({
  /** The process, such as `live-1:4711`. */
  process: z.string(),
  connections: z.array(connection),
  /** How many connections and subscriptions were left out, to keep the answer short. */
  leftOut: z.number(),
});
export type Answer = z.output<typeof answer>;
export type AnsweredConnection = z.output<typeof connection>;
export type AnsweredSubscription = z.output<typeof subscription>;
