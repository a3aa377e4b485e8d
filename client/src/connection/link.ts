import type { NamedDocument } from './sent-document.ts';
import type { Transport } from './types.ts';

/** An error as GraphQL writes it. */
export interface Fault {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown } | undefined;
}

/** A result as GraphQL writes it. */
export interface Result {
  readonly data?: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors?: readonly Fault[] | undefined;
  /** `at`: of an event of the past, when it happened, by the server's clock. */
  readonly extensions?: { readonly cursor?: unknown; readonly at?: unknown } | undefined;
  /** It had a time by a clock that the receiver does not know. */
  readonly isOfPast?: true;
}

/** How much of the past an operation delivers: all events of the last `ms` milliseconds, and by the server's clock it is `now`. */
export interface Past {
  readonly ms: number;
  readonly now: number;
}

/** What is run over a link. */
export interface LinkRequest extends NamedDocument {
  readonly variables: Readonly<Record<string, unknown>>;
  /** The cursor to resume after. */
  readonly after?: string | undefined;
  /** Without a cursor: how many milliseconds back to begin. */
  readonly pastMs?: number | undefined;
}

/** What a request sends beside its document. */
export function extensionsOf({ after, pastMs }: LinkRequest): Readonly<Record<string, unknown>> | undefined {
  if (after !== undefined) return { after };
  return pastMs === undefined ? undefined : { pastMs };
}

/** The result without its time, which says nothing by the clock that the receiver knows. */
export function withoutTime(result: Result): Result {
  if (result.extensions?.at === undefined) return result;
  const { at: _, ...extensions } = result.extensions;
  return { ...result, extensions, isOfPast: true };
}

/** Receives what an operation delivers. Nothing more comes after its end, nor after it was stopped. */
export interface LinkSink {
  next(result: Result): void;
  /** How far the operation has come, reported beside events. */
  position(cursor: string): void;
  /** Before any event. */
  past(past: Past): void;
  /** The operation is over: with what is wrong with it, or complete. */
  ended(faults: readonly Fault[]): void;
}

/** A connection that is open, or being opened. */
export interface Link {
  readonly transport: Transport;
  /** Runs an operation. Returns how to stop it. */
  run(request: LinkRequest, sink: LinkSink): () => void;
  /** Whether the session can go on under a new token, on this very link. */
  readonly isRenewable: boolean;
  /** Looks whether the other side is still there, and closes as lost if it is not. */
  check(): void;
  /** Closes it; it reports nothing afterwards. */
  close(): void;
}

/** Why a link has closed, or could not be opened, and so what to do. */
export type Closing =
  /** Network, restart, too slow, or anything else that passes: reconnect later. */
  | {
      readonly kind: 'lost';
      /** It was noticed late: page, computer or server have stood still. Nothing is gained by waiting more. */
      readonly isLate?: true;
    }
  /** The token has expired, or unit or role have changed: connect again with a fresh one. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The session is over. */
  | { readonly kind: 'signed-out'; readonly reason: string }
  /** Trying again cannot help. */
  | { readonly kind: 'stopped'; readonly code: number; readonly reason: string };

export interface LinkEvents {
  opened(): void;
  /** Once, unless it was closed from this side. */
  closed(closing: Closing): void;
}

export const LOST: Closing = { kind: 'lost' };
export const LOST_LATE: Closing = { kind: 'lost', isLate: true };
