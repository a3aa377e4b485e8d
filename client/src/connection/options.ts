import type { Connection, ConnectionOptions } from './connection.ts';
import type { IdleOptions } from './idle.ts';
import type { SendDocuments } from './sent-document.ts';
import type { TokenRequest } from './types.ts';
import type { SocketConstructor } from './websocket.ts';

/** How a live client is set up. Durations are in milliseconds. */
export interface LiveClientOptions {
  /**
   * The endpoint: `/graphql`, or absolute, `https://…` or `wss://…`. The addresses for WebSocket, SSE and HTTP follow from it.
   * Where there is no page, as in Node, only an absolute one can be followed.
   */
  readonly url: string;
  /**
   * An access token, without `Bearer`; asked for again for each connection, each renewal and each query. `isRefused`: get a fresh
   * one. If it throws, or takes longer than `connectTimeoutMs`, it is asked again later; if it throws a {@link SessionOver}, the
   * session is over.
   */
  getToken(why: TokenRequest): string | Promise<string>;
  /** The session is over for good (revoked, or invalid): send the user to the login page. Called once. */
  onSessionEnd?(reason: string): void;
  /** `auto` (default): WebSocket, and SSE where WebSockets cannot be had. */
  readonly transport?: 'auto' | 'websocket' | 'sse';
  /**
   * Waits between attempts to connect are random, up to a bound that doubles from `firstMs` (default 1000) to `maxMs` (default
   * 30000).
   */
  readonly retry?: { readonly firstMs?: number; readonly maxMs?: number };
  /** How long before its end a session is renewed; default 90000, and at most a third of what is left of it. */
  readonly renewBeforeMs?: number;
  /** How long the connection stays open after nothing is followed any more; default 5000. */
  readonly lingerMs?: number;
  /** How long connecting may take, and how long `getToken`; default 15000. */
  readonly connectTimeoutMs?: number;
  /** How often the connection is checked for a sign of life; default 15000. It is given up if there is none for a third of that. */
  readonly heartbeatMs?: number;
  /** How often a WebSocket is tried again while events come by SSE; default 300000, the first time after a tenth of it. */
  readonly upgradeMs?: number;
  /**
   * `hash`: a document that has a hash is named by it, for a server with trusted documents. Default: its text is sent. The documents of
   * this package have hashes, and those of GraphQL Code Generator with `persistedDocuments`.
   */
  readonly documents?: SendDocuments;
  /**
   * `shareConnection` of `dms-live-react/tabs`: the tabs of one user share one connection. Default: each tab has its own.
   */
  readonly shareConnection?: ShareConnection;
  /**
   * Ends the session when the user is away: the connection closes, nothing is renewed any more, and `onSessionEnd` is called. Default:
   * it lasts for as long as `getToken` has tokens. Watched from the first thing that is followed, in browsers only.
   */
  readonly idle?: IdleOptions;
  /** Where there is no global WebSocket (Node 20): one such as `ws`. */
  readonly webSocketImpl?: SocketConstructor;
}

/** Makes the connection of a tab. */
export type ShareConnection = (options: SharedConnectionOptions) => Connection;

export interface SharedConnectionOptions extends ConnectionOptions {
  /** Where the server is. */
  readonly url: string;
  readonly heartbeatMs: number;
  /** What the one connection sends of each document. Tabs share it only where they want the same. */
  readonly documents: SendDocuments;
}

/** Thrown by `getToken` when there is no token to be had any more: the refresh token was refused, the user has signed out. */
export class SessionOver extends Error {
  override readonly name = 'SessionOver';

  /** @param message why, for `onSessionEnd` and the status. */
  constructor(message = 'Sign in again.') {
    super(message);
  }
}
