import { SessionError, type SessionFault } from '../errors.ts';

/**
 * Why a token is refused. A closed set: each is a label of the metric `dms_live_refused_tokens_total`. It is for the operator
 * alone: a client learns no more than its {@link SessionFault}.
 */
export const TOKEN_REFUSALS = [
  /** No token was sent, although one is needed. */
  'missing',
  /** It is no JWT, or has a critical header that nobody here understands. */
  'malformed',
  'algorithm',
  /** The issuer publishes no key of that id, or several that would do. */
  'unknown-key',
  'signature',
  'issuer',
  'audience',
  /** `nbf` is in the future. */
  'not-yet-valid',
  /** `iat` is in the future. */
  'issued-in-future',
  'expired',
  'token-type',
  /** Another claim is missing, or says what it cannot say. */
  'claim',
  'revoked',
  /** The user's unit or role has changed since it was issued. */
  'changed',
  /** The profile's endpoint refuses it. */
  'profile',
] as const;

export type TokenRefusal = (typeof TOKEN_REFUSALS)[number];

/** A token is refused, with the reason that the operator needs. */
export class RefusedToken extends SessionError {
  readonly reason: TokenRefusal;
  /** What exactly is wrong: names of claims, differences of clocks; nothing that would help to forge or repeat the token. */
  readonly detail: string;

  constructor(reason: TokenRefusal, detail: string) {
    super(FAULTS[reason] ?? 'invalid');
    this.reason = reason;
    this.detail = detail;
  }
}

/** What a client learns of a refusal. All others are `invalid`. */
const FAULTS: Partial<Record<TokenRefusal, SessionFault>> = {
  missing: 'missing',
  expired: 'expired',
  revoked: 'revoked',
  changed: 'changed',
};

/** The operator's reason for any error that refuses a session. */
export function reasonOfRefusal(error: SessionError): TokenRefusal {
  if (error instanceof RefusedToken) return error.reason;
  return error.fault === 'invalid' ? 'malformed' : error.fault;
}
