import { createHash } from 'node:crypto';
import { formatPosition, type LogPosition, parsePosition } from './position.ts';

/** What a logged event is published as: its positions in the topic's log and in that of all units, and the event itself. */
export interface Envelope {
  readonly inTopic: LogPosition;
  readonly inAll: LogPosition | undefined;
  readonly event: Buffer;
}

/** The generation of a kind's logs as messages carry it, given the value of its key. */
export function digestOf(generation: string): string {
  return createHash('sha1').update(generation).digest('hex').slice(0, 16);
}

const MARK = '@'.charCodeAt(0);
const LINE_FEED = '\n'.charCodeAt(0);
const SPACE = ' '.charCodeAt(0);
/** The mark, two positions, a generation, and room for what later versions may add. */
const MAX_HEADER_LENGTH = 160;

/** No JSON begins with the mark, so a bare event is never taken for an envelope. */
export function isEnvelope(payload: Buffer): boolean {
  return payload[0] === MARK;
}

/** Reads `@<position> <position in all, or -> <generation>`, a line feed, and the event. Earlier versions left out the generation. */
export function parseEnvelope(payload: Buffer): Envelope | undefined {
  const end = payload.subarray(0, MAX_HEADER_LENGTH).indexOf(LINE_FEED);
  if (end < 0) return undefined;
  const [topic = '', all = ''] = payload.toString('latin1', 1, end).split(' ');
  const inTopic = parsePosition(topic);
  const inAll = parsePosition(all);
  if (inTopic === undefined || (inAll === undefined && all !== '-')) return undefined;
  return { inTopic, inAll, event: payload.subarray(end + 1) };
}

/** Reads only the generation, if the envelope carries one. */
export function readGeneration(payload: Buffer): string | undefined {
  const end = payload.subarray(0, MAX_HEADER_LENGTH).indexOf(LINE_FEED);
  const first = payload.indexOf(SPACE);
  const second = payload.indexOf(SPACE, first + 1);
  if (first < 0 || second < 0 || second > end) return undefined;
  const next = payload.indexOf(SPACE, second + 1);
  return payload.toString('latin1', second + 1, next < 0 || next > end ? end : next);
}

/** @param generation as {@link digestOf} returns it. */
export function formatEnvelope(
  inTopic: LogPosition,
  inAll: LogPosition | undefined,
  event: string,
  generation?: string,
): string {
  const positions = `@${formatPosition(inTopic)} ${inAll === undefined ? '-' : formatPosition(inAll)}`;
  return `${positions}${generation === undefined ? '' : ` ${generation}`}\n${event}`;
}
