import type { SecurityLogLevel } from '../record/writer.ts';
import type { Reader } from './reader.ts';

/** What goes into the stream in Redis: nothing, the hash of the newest line now and then, or each line as well. */
export type StreamContent = 'off' | 'anchors' | 'all';

/** Where the security log goes. */
export interface SecurityLogSettings {
  /** `stdout`, the path of a file, or `undefined`: no destination but the stream. */
  readonly destination: string | undefined;
  readonly level: SecurityLogLevel;
  /** Without it nobody can compute the chain of lines again; `undefined`: everybody can. */
  readonly key: string | undefined;
  readonly stream: StreamContent;
  /** How many entries the stream keeps, about. */
  readonly streamKeeps: number;
}

const LEAST_KEY_BYTES = 32;

export function readSecurityLogSettings(read: Reader): SecurityLogSettings {
  const written = read.textOr('SECURITY_LOG', 'stdout');
  const destination = written === 'off' ? undefined : written;
  const stream = read.choice<StreamContent>('SECURITY_STREAM', 'off', ['off', 'anchors', 'all']);
  const key = read.text('SECURITY_LOG_KEY');
  if (key !== undefined && Buffer.byteLength(key) < LEAST_KEY_BYTES)
    read.fault(
      `SECURITY_LOG_KEY must have at least ${LEAST_KEY_BYTES} bytes: openssl rand -hex 32 makes one.`,
    );
  if (destination === undefined && stream === 'anchors')
    read.fault(
      'SECURITY_STREAM is anchors, and SECURITY_LOG is off: there would be no lines that they are of.',
    );
  return {
    destination,
    level: read.choice<SecurityLogLevel>('SECURITY_LOG_LEVEL', 'all', ['all', 'refusals']),
    key,
    stream,
    streamKeeps: read.integer('SECURITY_STREAM_LINES', 100_000, 1000, 100_000_000),
  };
}
