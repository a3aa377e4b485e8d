import type { Recording } from './recording.ts';

/** A client that resumes after every interruption, and records all it receives. */
export interface RecordingClient {
  readonly recordings: readonly Recording[];
  /** Connections that were made. */
  readonly connections: number;
  readonly closes: readonly Close[];
  /** The `retry:` hints of its event streams, in milliseconds. */
  readonly hints: readonly number[];
  /** Breaks its connection, as a network does. Answers whether there was one. */
  cut(): boolean;
  /** Stops reading, until `read()`: what comes fills the buffers of both sides. */
  stall(): void;
  read(): void;
  /** Goes away until `comeBack()`. */
  leave(): void;
  comeBack(): void;
  stop(): void;
}

export interface Close {
  /** Of a WebSocket its close code; of an event stream whether it ended (0) or broke (-1). */
  readonly code: number;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** Answers where to connect next. */
export type Route = () => string;

/** After a failed attempt to connect, in milliseconds. */
export const REFUSED_PAUSE_MS = 25;

export interface GraphQLFailure {
  readonly extensions?: { readonly code?: string };
}

/** Notes what an operation ended with; answers whether and how soon to subscribe again. */
export function noteFailure(recording: Recording, failures: readonly GraphQLFailure[]): number | undefined {
  const codes = failures.map((failure) => String(failure.extensions?.code));
  if (codes.includes('CURSOR_EXPIRED')) {
    recording.expire();
    return 0;
  }
  recording.errors.push(...codes);
  return codes.includes('SERVICE_UNAVAILABLE') ? REFUSED_PAUSE_MS : undefined;
}
