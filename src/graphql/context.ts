import type { Scope } from '../auth/access.ts';
import type { Identity } from '../auth/viewer.ts';
import type { SessionError } from '../errors.ts';

/** What a resolver may know of who asks. */
export interface Context {
  /** `undefined`: no token was sent. */
  readonly session: ViewerSession | undefined;
}

/** The part of a transport's session that resolvers use. */
export interface ViewerSession {
  readonly identity: Identity;
  readonly scope: Scope;
  onEnd(listener: (error?: SessionError) => void): () => void;
  renew(identity: Identity): void;
}

/** Opens a session for a token, if it is good; whoever opened it closes it. */
export type StartSession = (token: string) => Promise<ViewerSession & { close(): void }>;
