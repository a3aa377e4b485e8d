import type { LiveError } from '../errors.ts';
import { SessionError } from '../errors.ts';

/**
 * The codes by which this server closes a WebSocket, besides graphql-ws's own (4400, 4406, 4408, 4409, 4429) and those of
 * RFC 6455 (1009: message too big).
 */
export const CloseCode = {
  /** No token, an invalid or a revoked one. Terminal: sign in again. */
  Unauthenticated: 4401,
  /** The session expired, or the user's unit or role changed. Get a new token, reconnect, resume. */
  SessionEnded: 4403,
  /** The server restarts. Reconnect after a jittered pause, resume. */
  ServiceRestart: 1012,
  /** The client is too slow, or the server cannot serve now. Reconnect, resume. */
  TryAgainLater: 1013,
  /**
   * More connections than a user may have, or more messages than a client may send. Terminal (graphql-ws uses it for a second
   * `connection_init`).
   */
  TooManyRequests: 4429,
  /** Two operations of one id at a time (graphql-ws). Terminal. */
  SubscriberAlreadyExists: 4409,
  /** Not what the protocol allows (graphql-ws). Terminal. */
  BadRequest: 4400,
  /** More than a client may send before it has signed in (RFC 6455: ws closes so for a message that is too big). Terminal. */
  MessageTooBig: 1009,
  /** A fault of ours; logged. */
  InternalError: 1011,
} as const;

export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** How a socket is closed for an error. */
export function closeCodeOf(error: LiveError): CloseCode {
  if (!(error instanceof SessionError)) return CloseCode.TryAgainLater;
  const isRenewable = error.fault === 'expired' || error.fault === 'changed';
  return isRenewable ? CloseCode.SessionEnded : CloseCode.Unauthenticated;
}

/** What ws closes a socket with, by the code of its error. Other errors of a socket are no fault of its client. */
export function closeCodeOfFault(error: Error): number | undefined {
  const name = 'code' in error ? String(error.code) : '';
  if (name.startsWith('Z_')) return INVALID_DATA; // it cannot be unpacked
  if (!name.startsWith('WS_ERR_')) return undefined;
  return WS_FAULTS[name] ?? PROTOCOL_ERROR;
}

const PROTOCOL_ERROR = 1002;
const INVALID_DATA = 1007;
const WS_FAULTS: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: INVALID_DATA,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: CloseCode.MessageTooBig,
};
