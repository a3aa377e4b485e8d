/** Where an event stands in its topic's log (contract, section 6). */
export interface LogPosition {
  /** When the log was begun, in milliseconds since 1970, as decimal digits. */
  readonly epoch: string;
  /** 1, 2, 3 … without holes. */
  readonly offset: number;
}

/** The position before the first event of a log that is still empty. */
export const EMPTY_LOG: LogPosition = { epoch: '0', offset: 0 };

const WRITTEN = /^(\d{1,20})-(\d{1,15})$/;

/** Reads `<epoch>-<offset>`. */
export function parsePosition(written: string): LogPosition | undefined {
  const match = WRITTEN.exec(written);
  return match?.[1] === undefined ? undefined : { epoch: match[1], offset: Number(match[2]) };
}

export function formatPosition({ epoch, offset }: LogPosition): string {
  return `${epoch}-${offset}`;
}
