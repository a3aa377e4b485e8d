/** Where an event stands in its topic's log (contract, section 6). */
export interface LogPosition {
  /** When the log was begun, in milliseconds since 1970, as decimal digits. */
  readonly epoch: string;
  /** 1, 2, 3 … without holes. */
  readonly offset: number;
}

const WRITTEN = /^(\d{1,20})-(\d{1,15})$/;

/** Reads `<epoch>-<offset>`. */
export function parsePosition(written: string): LogPosition | undefined {
  const match = WRITTEN.exec(written);
  return match?.[1] === undefined ? undefined : { epoch: match[1], offset: Number(match[2]) };
}

export function formatPosition({ epoch, offset }: LogPosition): string {
  return `${epoch}-${offset}`;
}

/** What a logged event is published as: its positions in the topic's log and in that of all units, and the event itself. */
export interface Envelope {
  readonly inTopic: LogPosition;
  readonly inAll: LogPosition | undefined;
  readonly event: Buffer;
}

const MARK = '@'.charCodeAt(0);
const LINE_FEED = '\n'.charCodeAt(0);
/** Two positions, a space and the mark. */
const MAX_HEADER_LENGTH = 80;

/** No JSON begins with the mark, so a bare event is never taken for an envelope. */
export function isEnvelope(payload: Buffer): boolean {
  return payload[0] === MARK;
}

/** Reads `@<position> <position in all, or ->`, a line feed, and the event. */
export function parseEnvelope(payload: Buffer): Envelope | undefined {
  const end = payload.subarray(0, MAX_HEADER_LENGTH).indexOf(LINE_FEED);
  if (end < 0) return undefined;
  const [topic = '', all = ''] = payload.toString('latin1', 1, end).split(' ');
  const inTopic = parsePosition(topic);
  const inAll = parsePosition(all);
  if (inTopic === undefined || (inAll === undefined && all !== '-')) return undefined;
  return { inTopic, inAll, event: payload.subarray(end + 1) };
}

export function formatEnvelope(inTopic: LogPosition, inAll: LogPosition | undefined, event: string): string {
  return `@${formatPosition(inTopic)} ${inAll === undefined ? '-' : formatPosition(inAll)}\n${event}`;
}
