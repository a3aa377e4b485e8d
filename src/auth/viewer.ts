/** A person, as a verified token says. */
export interface Viewer {
  readonly id: string;
  readonly name: string | null;
  /** The unit whose data the viewer sees; `null`: none. */
  readonly unitId: string | null;
  readonly role: string | null;
}

/** What a verified token says of its bearer and of itself. */
export interface Identity {
  readonly viewer: Viewer;
  readonly tokenId: string | null;
  /** Unix seconds; 0 where the token does not say. */
  readonly issuedAt: number;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** Where a token came from. */
export interface Visitor {
  /** The client's address, as TRUSTED_PROXIES says; `null`: not known. */
  readonly address: string | null;
  readonly transport: 'websocket' | 'event stream' | 'http';
  /** The id of the session that the token is to renew. */
  readonly renews?: string;
}

/** Whom a revocation concerns: all tokens of a user, or one token. */
export type Subject = { readonly userId: string } | { readonly tokenId: string };
