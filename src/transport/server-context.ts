import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from '../auth/session.ts';
import type { Visitor } from '../auth/viewer.ts';

/** What Yoga gets with each request: Node's own objects, and the session once it is known. */
export interface ServerContext {
  readonly req?: IncomingMessage;
  readonly res?: ServerResponse;
  session?: Session;
  visitor?: Visitor;
}
