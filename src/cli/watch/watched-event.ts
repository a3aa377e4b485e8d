/** An event as `dms-live watch` shows it. */
import { isEnvelope, parseEnvelope, readGeneration } from '../../bus/envelope.ts';
import { formatPosition } from '../../bus/position.ts';
import type { HistoryEntry } from '../../bus/redis-history.ts';
import { sessionMessage } from '../../events/session-message.ts';
import type { TopicNames } from '../../events/topic-names.ts';
import { readMessage } from '../../topics/read-message.ts';
import { entityIds } from '../entity-ids.ts';
import { duration } from '../finding.ts';

export interface WatchedEvent {
  readonly topic: string;
  readonly kind: string;
  readonly eventId: string | undefined;
  readonly action: string | undefined;
  /** The ids of what it is about. */
  readonly entity: readonly string[];
  /** When it happened, by its publisher's clock. */
  readonly occurredAt: string | undefined;
  /** `undefined`: a bare message, or one that was deleted by now. In milliseconds since 1970, by Redis' clock. */
  readonly appendedAt: number | undefined;
  /** `undefined`: a bare message. */
  readonly position: string | undefined;
  /** Whether it was read from the log, and not received. */
  readonly isPast: boolean;
  /** Why servers do not deliver it. */
  readonly refused: string | undefined;
  /** The event itself, if bodies are asked for. */
  readonly body?: unknown;
}

export interface ReadOptions {
  readonly names: TopicNames;
  readonly withBodies: boolean;
}

/** Reads an event as a server does. */
function readEvent(channel: string, event: Buffer, { names, withBodies }: ReadOptions) {
  const source = names.channelOf(channel);
  const kind = source && names.kinds.get(source.kind);
  if (source === undefined || kind === undefined)
    return { topic: channel, kind: 'unknown', entity: [], refused: 'unknown topic' };
  const { event: read, rejection } = readMessage(names.kinds, source, event);
  const body = withBodies ? { body: bodyOf(event) } : {};
  if (read === undefined)
    return {
      topic: channel,
      kind: kind.kind,
      entity: [],
      refused: `${rejection.reason}: ${rejection.detail}`,
      ...body,
    };
  const { data, time } = read;
  return {
    topic: channel,
    kind: kind.kind,
    eventId: data.id,
    action: typeof data['action'] === 'string' ? data['action'] : undefined,
    entity: entityIds(kind, data),
    occurredAt: time ?? undefined,
    refused: undefined,
    ...body,
  };
}

const NOTHING = { eventId: undefined, action: undefined, occurredAt: undefined };

export function fromLog(entry: HistoryEntry, options: ReadOptions) {
  return {
    ...NOTHING,
    ...readEvent(entry.channel, entry.event, options),
    appendedAt: entry.appendedAt,
    position: formatPosition(entry.position),
    isPast: true,
  };
}

/** What a message says, and the generation of the Redis that it was appended in. Its entry in the log says when. */
export function fromMessage(channel: string, payload: Buffer, options: ReadOptions) {
  const envelope = isEnvelope(payload) ? parseEnvelope(payload) : undefined;
  const event: WatchedEvent = {
    ...NOTHING,
    ...readEvent(channel, envelope?.event ?? payload, options),
    appendedAt: undefined,
    position: envelope && formatPosition(envelope.inTopic),
    isPast: false,
  };
  return { event, inTopic: envelope?.inTopic, generation: envelope && readGeneration(payload) };
}

/** A control message: whose tokens were revoked. */
export function fromSessionMessage(channel: string, payload: Buffer): WatchedEvent {
  const base = {
    ...NOTHING,
    topic: channel,
    kind: 'session',
    appendedAt: undefined,
    position: undefined,
    isPast: false,
  };
  const read = parse(payload);
  if (read === undefined) return { ...base, entity: [], refused: 'breaks the contract' };
  const whose = 'jti' in read ? `token ${read.jti}` : `user ${read.userId}`;
  return { ...base, action: read.action, entity: [whose], refused: undefined };
}

function parse(payload: Buffer) {
  try {
    return sessionMessage.safeParse(JSON.parse(payload.toString())).data;
  } catch {
    return undefined;
  }
}

function bodyOf(event: Buffer): unknown {
  try {
    return JSON.parse(event.toString());
  } catch {
    return event.toString();
  }
}

/** One line for an event. Where it was appended, its time is Redis', and its delay is since it happened. */
export function writeEvent(event: WatchedEvent): string {
  const { topic, kind, action, entity, eventId, occurredAt, appendedAt, position, refused, body } = event;
  const time = appendedAt === undefined ? '(not logged)' : new Date(appendedAt).toISOString().slice(11, 23);
  const about = entity.length === 0 ? [] : [`${kind === 'session' ? '' : `${kind} `}${entity.join(',')}`];
  const parts = [
    time.padEnd(12),
    topic,
    ...(refused === undefined ? [action ?? 'snapshot'] : [`REFUSED ${refused}`]),
    ...about,
    ...(eventId === undefined ? [] : [eventId]),
    ...(occurredAt === undefined ? [] : [`happened ${occurredAt}${delayOf(occurredAt, appendedAt)}`]),
    ...(position === undefined ? [] : [`@${position}`]),
  ];
  const line = parts.join('  ');
  return body === undefined ? line : `${line}\n  ${JSON.stringify(body)}`;
}

function delayOf(occurredAt: string, appendedAt: number | undefined): string {
  const delay = appendedAt === undefined ? Number.NaN : appendedAt - Date.parse(occurredAt);
  return Number.isNaN(delay) ? '' : ` (+${duration(delay)})`;
}
