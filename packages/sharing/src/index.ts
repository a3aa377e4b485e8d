/** What the package offers; all else is its own. */
export type { Delivery } from './audience-options.ts';
export type { Batch, Encoder, Frame, Position } from './batch.ts';
export { BYTES, type Bytes, toBytes } from './bytes.ts';
export { isShared, type SharedResults, type Sink, SlowReaderError } from './member.ts';
export type {
  AudienceScope,
  DeliveryObserver,
  PastRerun,
  Rerun,
  Resuming,
  SharedSubscriptionsOptions,
} from './options.ts';
export type { Pushing, Receiver } from './pushing.ts';
export { createSharedSubscriptions, type SharedSubscriptions } from './shared-subscriptions.ts';
export { createTurn, type Turn, type Writer } from './turn.ts';
