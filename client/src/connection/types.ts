import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { Client } from '@urql/core';

/** How events come: by one WebSocket, or where that cannot be had by server-sent events. */
export type Transport = 'websocket' | 'sse';

/** Why a token is asked for. */
export interface TokenRequest {
  /**
   * The last one has expired, is about to, or was refused: get a fresh one. If false, the one at hand will do, if it is still
   * good.
   */
  readonly isRefused: boolean;
  /** To be sent with the request for a fresh one: they mark it as made in the background. Absent where the app itself asks. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** How the connection is; `since` is when it became so, in Unix milliseconds. */
export type LiveStatus =
  /** Nothing is followed: there is no connection. */
  | { readonly phase: 'idle'; readonly since: number }
  | { readonly phase: 'connecting'; readonly since: number; readonly transport: Transport }
  | { readonly phase: 'live'; readonly since: number; readonly transport: Transport }
  /** The connection is gone and will be tried again at `retryAt`, in Unix milliseconds. */
  | {
      readonly phase: 'reconnecting';
      readonly since: number;
      readonly retryAt: number;
      readonly transport: Transport;
    }
  /** The browser is offline, or `disconnect()` was called. */
  | { readonly phase: 'offline'; readonly since: number; readonly reason: 'browser' | 'disconnected' }
  /** The session is over: the user has to sign in again. Also after `close()`. */
  | { readonly phase: 'signed-out'; readonly since: number; readonly reason: string }
  /** The server refuses this client (close codes 4400, 4406, 4409, 4429, 1009): trying again by itself cannot help. */
  | { readonly phase: 'stopped'; readonly since: number; readonly code: number; readonly reason: string };

/**
 * Why the server does not serve an operation: `code` is `FORBIDDEN`, `BAD_USER_INPUT`, …, and `INTERNAL_SERVER_ERROR` where there
 * was none; the message says what to do.
 */
export interface LiveRefusal {
  readonly code: string;
  readonly message: string;
}

/** Who follows a subscription. What a follower throws is reported to the browser, and disturbs nobody else. */
export interface Follower<Data> {
  /**
   * An event, each once and in order.
   * @param agoMs only with `pastMs`, for an event of the past: how many milliseconds before the call of `started` it happened, at least.
   */
  event(data: Data, agoMs?: number): void;
  /**
   * How many milliseconds back to begin: asked when it starts. Then events of that time come too, if the server has them. Default: it
   * begins now.
   */
  pastMs?(): number;
  /**
   * It is live from here on, and no event from before will come: what was fetched before this moment may be stale. `first`: once, when
   * it starts. `lost`: after it was away for so long that the server no longer knows what it missed: refetch everything.
   * Not called after a resume.
   * @param coveredMs only with `pastMs`: how far back the events really go, in milliseconds. What was fetched since then is not stale.
   */
  started?(why: 'first' | 'lost', coveredMs?: number): void;
  /** Back after an interruption. Everything missed comes by `event`. */
  resumed?(): void;
  /**
   * `true`: the connection is live, but events may be missing. The operation starts or resumes, or the server cannot serve it for
   * the moment. `false`: nothing is missing any more, it is refused, or the connection is gone.
   */
  catchingUp?(isCatchingUp: boolean): void;
  /**
   * The server does not serve it. It is asked again over each new connection, since the user's unit or role may have changed; when
   * it is served, `started` or `resumed` is called.
   */
  refused?(error: LiveRefusal): void;
}

/** Whether the page shows what a request has caused; see {@link LiveClient.seen}. */
export interface Seen {
  /** `false`: nothing that is followed was caused, as far as the answer says; or the time is up. Fetch what you want to show. */
  readonly seen: boolean;
}

export interface SeenOptions {
  /** How long to wait, in milliseconds; default 3000. */
  readonly timeoutMs?: number;
}

/** A live connection to the server, shared by everything on a page. Made by {@link createLiveClient}. */
export interface LiveClient {
  /**
   * urql's client on this very connection, for the generated hooks; `LiveProvider` provides it. Queries and mutations go by HTTP
   * with the token; one that is refused as expired is sent again, once, with a fresh one.
   */
  readonly urql: Client;
  /** How the connection is: the same object until something changes. */
  readonly status: LiveStatus;
  /** Calls back whenever the status changes. Returns how to stop. */
  onStatus(listener: () => void): () => void;
  /**
   * Follows a subscription until the returned function is called. Equal ones (document and variables) share one operation on
   * the wire.
   */
  follow<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    follower: Follower<Data>,
  ): () => void;
  /**
   * Waits until the cached queries show the events that a request has caused, as the header `Dms-Live-Events` of the DMS's
   * answer names them. Only kinds and units that the hooks for queries follow count; a refetch that an event has caused may still be
   * under way (`isUpdating`), and events that a mutation holds back (`meta.live`) count as shown.
   * @param answer a `Response`, an answer of Axios, their headers, or the header's value.
   */
  seen(answer: unknown, options?: SeenOptions): Promise<Seen>;
  /** Cuts the connection until `reconnect()`; what is followed is kept, and resumes then. */
  disconnect(): void;
  /** Connects at once: while it waits for a retry, is offline, after `disconnect()`, or after it has stopped. */
  reconnect(): void;
  /** Logout: closes everything and leaves nothing open. The client cannot be used afterwards. */
  close(): void;
}
