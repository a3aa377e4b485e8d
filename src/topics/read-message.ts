import type { EventData, EventKind, EventKinds, LiveEvent } from '../events/kinds.ts';
import type { Channel } from '../events/topic-names.ts';

/** The largest message that a publisher may send, in bytes (contract, section 2). */
const MAX_EVENT_BYTES = 64 * 1024;

/** Longer explanations are cut to this many characters. */
const MAX_DETAIL_LENGTH = 500;

/** Why a message was refused; `detail` names fields and rules, never their values. */
export interface Rejection {
  readonly reason:
    | 'unknown topic'
    | 'too large'
    | 'not UTF-8'
    | 'not JSON'
    | 'breaks the contract'
    | 'wrong unit'
    | 'foreign publisher';
  readonly detail: string;
}

export type ReadResult =
  | { readonly event: LiveEvent; readonly rejection?: never }
  | { readonly rejection: Rejection; readonly event?: never };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Checks one message against the contract. Never throws: a publisher's mistake is a result, not an exception. */
export function readMessage(kinds: EventKinds, channel: Channel, payload: Buffer): ReadResult {
  const kind = kinds.get(channel.kind);
  if (kind === undefined) return refuse('unknown topic', 'there are no events of this kind');
  if (payload.length > MAX_EVENT_BYTES) {
    return refuse('too large', `${payload.length} bytes; at most ${MAX_EVENT_BYTES}`);
  }
  let source: string;
  try {
    source = utf8.decode(payload);
  } catch {
    return refuse('not UTF-8', 'send UTF-8 JSON');
  }
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch {
    return refuse('not JSON', 'send one JSON object');
  }
  return checkEvent(kind, channel, json);
}

function checkEvent(kind: EventKind, channel: Channel, json: unknown): ReadResult {
  const checked = parseEvent(kind, json);
  if (checked.event === undefined) return checked;
  if ('userId' in channel) return checked; // addressed to a person, of any unit
  const expected = 'unitId' in channel ? channel.unitId : null;
  const stray = [...kind.unitsOf(checked.event.data), ...statedUnit(json)].some(
    (unitId) => unitId !== expected,
  );
  return stray ? refuse('wrong unit', `every unitId must be the topic’s: ${expected ?? 'null'}`) : checked;
}

/** Most events have no `unitId` beside the entity. If a publisher sends one all the same, it has to be right. */
function statedUnit(json: unknown): unknown[] {
  if (typeof json !== 'object' || json === null || !('unitId' in json)) return [];
  return [typeof json.unitId === 'number' ? String(json.unitId) : json.unitId];
}

function parseEvent(kind: EventKind, json: unknown): ReadResult {
  const parsed = kind.check(json);
  if (!parsed.success) {
    const faults = parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || '(message)'}: ${issue.message}`);
    return refuse('breaks the contract', faults.join('; ').slice(0, MAX_DETAIL_LENGTH));
  }
  const data = parsed.data as EventData; // as its kind has it: an event has an id
  return { event: { kind: kind.kind, data, time: kind.timeOf(data) } };
}

function refuse(reason: Rejection['reason'], detail: string): ReadResult {
  return { rejection: { reason, detail } };
}
