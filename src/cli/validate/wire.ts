import { isRecord } from '../../events/paths.ts';
import type { News } from './news.ts';
import type { Operation, OperationRequest } from './operation.ts';
import type { Transcript } from './transcript.ts';

/** Where the server is, and who is notified of what it sends. */
export interface Wire {
  readonly url: URL;
  readonly news: News;
  readonly transcript: Transcript;
  /** How long an answer may take, in milliseconds. */
  readonly patienceMs: number;
}

/** Some operations of one client, over one transport. */
export interface Run {
  readonly operations: readonly Operation[];
  close(): void;
}

export type TransportName = 'WebSocket' | 'SSE' | 'SSE for many' | 'HTTP';

/** Runs operations with a token. A connection that is refused ends all of them. Resolves once they were sent. */
export type Transport = (
  wire: Wire,
  token: string | undefined,
  requests: readonly OperationRequest[],
) => Promise<Run>;

/** A transport with its name. */
export type NamedTransport = readonly [TransportName, Transport];

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The strings of an object that has nothing else. */
export function stringsOf(value: unknown): readonly (readonly [string, string])[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    typeof one === 'string' ? [[key, one] as const] : [],
  );
}

/** Some at a time, in order. */
export function chunksOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_none, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
