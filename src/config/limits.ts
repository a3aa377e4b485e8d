import type { DocumentLimits } from '../graphql/document-limits.ts';
import type { StrangerLimits } from '../transport/admission/admission.ts';
import type { IntakeLimits } from '../transport/intake.ts';
import type { Reader } from './reader.ts';

/** What one client, one user or one process may cost. */
export interface Limits extends DocumentLimits, StrangerLimits, IntakeLimits {
  /** The largest message or request body that a client may send, in bytes. */
  readonly maxMessageBytes: number;
  /** How many events may wait to be executed for one audience. */
  readonly maxWaitingEvents: number;
  /** How much may wait for a client that reads slowly, in bytes. */
  readonly maxOutboxBytes: number;
  readonly maxSubscriptionsPerConnection: number;
  /** In this process; 0: no limit. */
  readonly maxConnectionsPerUser: number;
  /** In this process; 0: no limit. */
  readonly maxSubscriptionsPerUser: number;
}

export function readLimits(read: Reader): Limits {
  return {
    maxMessageBytes: read.integer('MAX_MESSAGE_BYTES', 65_536, 1024, 16_777_216),
    maxTokens: read.integer('MAX_DOCUMENT_TOKENS', 2000, 100, 100_000),
    maxAnonymousTokens: read.integer('MAX_ANONYMOUS_DOCUMENT_TOKENS', 500, 50, 100_000),
    maxDepth: read.integer('MAX_DOCUMENT_DEPTH', 10, 1, 100),
    maxFields: read.integer('MAX_DOCUMENT_FIELDS', 1000, 10, 100_000),
    cacheBytes: read.integer('MAX_DOCUMENT_CACHE_BYTES', 16_777_216, 0, 1_073_741_824),
    maxWaitingEvents: read.integer('MAX_WAITING_EVENTS', 10_000, 1, 1_000_000),
    maxOutboxBytes: read.integer('MAX_OUTBOX_BYTES', 1_048_576, 65_536, 1_073_741_824),
    maxSubscriptionsPerConnection: read.integer('MAX_SUBSCRIPTIONS_PER_CONNECTION', 100, 1, 10_000),
    maxConnectionsPerUser: read.integer('MAX_CONNECTIONS_PER_USER', 1000, 0, 1_000_000),
    maxSubscriptionsPerUser: read.integer('MAX_SUBSCRIPTIONS_PER_USER', 10_000, 0, 1_000_000),
    maxMessagesPerSecond: read.integer('MAX_MESSAGES_PER_SECOND', 100, 0, 1_000_000),
    maxStrangers: read.integer('MAX_STRANGERS', 2000, 0, 1_000_000),
    maxStrangerSocketsPerAddress: read.integer('MAX_STRANGER_SOCKETS_PER_ADDRESS', 200, 0, 1_000_000),
    maxStrangerRequestsPerAddress: read.integer('MAX_STRANGER_REQUESTS_PER_ADDRESS', 100, 0, 1_000_000),
    maxConnectionsPerMinute: read.integer('MAX_CONNECTIONS_PER_ADDRESS_AND_MINUTE', 3000, 0, 1_000_000),
    maxRefusedTokensPerMinute: read.integer('MAX_REFUSED_TOKENS_PER_ADDRESS_AND_MINUTE', 600, 0, 1_000_000),
  };
}
