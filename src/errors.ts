/**
 * Every error the outside may see has one of these codes, in `extensions.code`. Anything else is masked as
 * `INTERNAL_SERVER_ERROR` and logged.
 */
export const ERROR_CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'UNTRUSTED_DOCUMENT',
  'LIMIT_EXCEEDED',
  'CURSOR_EXPIRED',
  'SERVICE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A code as it stands in `extensions.code`. Anything else is a fault of ours. */
export function toErrorCode(code: unknown): ErrorCode {
  return ERROR_CODES.find((known) => known === code) ?? 'INTERNAL_SERVER_ERROR';
}

/** An expected error: its message is meant for the client and says what to do. */
export class LiveError extends Error {
  override readonly name: string = 'LiveError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Why a token or session is refused, or ended. */
export type SessionFault = 'missing' | 'invalid' | 'revoked' | 'expired' | 'changed';

const SESSION_FAULT_MESSAGES: Record<SessionFault, string> = {
  missing: 'Sign in: this needs an access token.',
  invalid: 'The access token is not valid: sign in again.',
  revoked: 'The session was revoked: sign in again.',
  expired: 'The session has expired: get a new access token.',
  changed: 'The user’s unit or role has changed: get a new access token.',
};

/** The session is not, or no longer, good. */
export class SessionError extends LiveError {
  override readonly name = 'SessionError';
  readonly fault: SessionFault;

  constructor(fault: SessionFault) {
    super('UNAUTHENTICATED', SESSION_FAULT_MESSAGES[fault]);
    this.fault = fault;
  }
}

/** An address has done something too often lately. Over HTTP: 429. */
export class RateLimitError extends LiveError {
  override readonly name = 'RateLimitError';
  /** After how long it is worth another try. */
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super('LIMIT_EXCEEDED', message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The message of whatever was thrown, for logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
