import { hostname } from 'node:os';
import type { SharedResults } from 'yoga-shared-subscriptions';
import type { Session } from '../auth/session.ts';
import type { Bus } from '../bus/bus.ts';
import { formatPosition } from '../bus/position.ts';
import { messageOf } from '../errors.ts';
import { type TopicNames, topicName } from '../events/topic-names.ts';
import type { Context } from '../graphql/context.ts';
import type { Logger } from '../log.ts';
import { readCursor } from '../topics/cursor.ts';
import {
  type Answer,
  type AnsweredConnection,
  type AnsweredSubscription,
  type Question,
  question,
} from './presence-messages.ts';

/** A connection of a user, as its transport knows it. */
export interface UserConnection {
  readonly session: Session;
  readonly results: Iterable<SharedResults>;
}

/** A transport that can find the connections of a user. Nothing is kept for that: it looks through those that are open. */
export interface UserConnections {
  ofUser(userId: string): Iterable<UserConnection>;
}

export interface PresenceOptions {
  readonly bus: Pick<Bus, 'subscribe' | 'publish'>;
  readonly names: TopicNames;
  readonly transports: readonly UserConnections[];
  readonly log: Logger;
}

/** How many questions are answered in a second; others are ignored, since each costs a look at all connections. */
const MAX_QUESTIONS = 10;
/** How many connections and subscriptions an answer names. */
const MAX_CONNECTIONS = 100;
const MAX_SUBSCRIPTIONS = 500;
/** Longer arguments of a subscription are left out, in characters. */
const MAX_ARGUMENTS = 1000;

/**
 * Answers operators who ask over Redis where a user is connected. Access to Redis is the permission, as it is for revocations, and
 * everything that an answer says of events is in Redis anyway. Returns how to stop.
 */
export function answerQuestions({ bus, names, transports, log }: PresenceOptions): () => void {
  const process = `${hostname()}:${globalThis.process.pid}`;
  let second = 0;
  let answered = 0;

  function isAllowed(): boolean {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) answered = 0;
    second = now;
    answered += 1;
    return answered <= MAX_QUESTIONS;
  }

  const subscription = bus.subscribe({ channel: names.questions }, ({ payload }) => {
    const asked = readQuestion(payload);
    if (asked === undefined || !isAllowed()) return;
    const connections = transports.flatMap((transport) => [...transport.ofUser(asked.userId)]);
    const answer: Answer = { process, ...describe(connections, names) };
    bus
      .publish(names.answersTo(asked.id), JSON.stringify(answer))
      .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'could not answer an operator'));
  });
  return () => subscription.close();
}

function readQuestion(payload: Buffer): Question | undefined {
  try {
    return question.safeParse(JSON.parse(payload.toString())).data;
  } catch {
    return undefined;
  }
}

function describe(connections: readonly UserConnection[], names: TopicNames): Omit<Answer, 'process'> {
  let room = MAX_SUBSCRIPTIONS;
  let leftOut = Math.max(0, connections.length - MAX_CONNECTIONS);
  const described = connections.slice(0, MAX_CONNECTIONS).map((connection) => {
    const subscriptions = [...connection.results].flatMap((results) => describeReading(results, names) ?? []);
    const shown = subscriptions.slice(0, room);
    room -= shown.length;
    leftOut += subscriptions.length - shown.length;
    return { ...describeConnection(connection), subscriptions: shown };
  });
  return { connections: described, leftOut };
}

function describeConnection({ session }: UserConnection): Omit<AnsweredConnection, 'subscriptions'> {
  const { viewer, expiresAt } = session.identity;
  const { address } = session.visitor;
  const transport = session.visitor.transport === 'websocket' ? 'websocket' : 'event stream';
  const { unitId, role } = viewer;
  return { transport, address, since: session.since, until: expiresAt * 1000, unitId, role };
}

function describeReading(results: SharedResults, names: TopicNames): AnsweredSubscription | undefined {
  const { audience }: Context = results.context; // as audience-scope.ts has made it
  if (audience?.reading === undefined) return undefined;
  const { field, arguments: given, topic } = audience.reading;
  if (topic === undefined) return undefined;
  const position = readCursor(results.cursor() ?? '');
  return {
    field,
    arguments: JSON.stringify(given).length > MAX_ARGUMENTS ? {} : given,
    topic: topicName(names, topic),
    position: position === undefined ? null : formatPosition(position),
  };
}
