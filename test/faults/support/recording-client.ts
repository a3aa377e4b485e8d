import type { Recording } from './recording.ts';

/** A client that resumes after its last cursor, and records everything it receives. */
export interface RecordingClient {
  readonly recordings: readonly Recording[];
  /** The number of connections it has made. */
  readonly connections: number;
  readonly closes: readonly Close[];
  /** The `retry:` hints of its event streams, in milliseconds. */
  readonly hints: readonly number[];
  /** Breaks its connection, as a network does. Returns whether there was one. */
  cut(): boolean;
  /** Stops reading until `read()`. The buffers of both sides fill up. */
  stall(): void;
  read(): void;
  /** Goes away until `comeBack()`. */
  leave(): void;
  comeBack(): void;
  stop(): void;
}

export interface Close {
  /** The close code of a WebSocket. For an event stream: whether it ended (0) or broke (-1). */
  readonly code: number;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** Returns the URL for the next connection. */
export type Route = () => string;

/** The pause after a failed attempt to connect, in milliseconds. */
export const REFUSED_PAUSE_MS = 25;

export interface GraphQLFailure {
  readonly extensions?: { readonly code?: string };
}

/** Records the error of an operation. Returns the pause before subscribing again, or `undefined` if it must not. */
export function noteFailure(recording: Recording, failures: readonly GraphQLFailure[]): number | undefined {
  const codes = failures.map((failure) => String(failure.extensions?.code));
  if (codes.includes('CURSOR_EXPIRED')) {
    recording.expire();
    return 0;
  }
  recording.errors.push(...codes);
  return codes.includes('SERVICE_UNAVAILABLE') ? REFUSED_PAUSE_MS : undefined;
}
