/** Says to whom events were sent, and what of that is not certain. */
import { formatPosition } from '../../bus/position.ts';
import { counted, type Finding, instant, note } from '../finding.ts';
import { describeField } from '../why/connections.ts';
import type { RecordedSubscription } from './operations.ts';

/** How one event was sent to a subscription. */
interface Sending {
  readonly isSure: boolean;
  readonly isNewestOnly: boolean;
  /** Parts that were `null`, or left out. */
  readonly hidden: readonly string[];
}

export function describeSending(
  subscription: RecordedSubscription,
  { isSure, isNewestOnly, hidden }: Sending,
): string {
  const { operation, session, process, address, role, unit, field, document } = subscription;
  const from = instant(subscription.startedAt);
  const { endedAt, reason } = subscription;
  const until = endedAt === undefined ? 'no line of its end' : `${instant(endedAt)} (${reason})`;
  const doubts = [
    ...(subscription.isFolded
      ? ['a query, which shows of each thing how it is now, and what happened to it']
      : []),
    ...(isNewestOnly ? ['only the newest snapshots are sent'] : []),
    ...(subscription.leftOut.length > 0
      ? [`its ${subscription.leftOut.join(', ')} may have left it out`]
      : []),
    ...(isSure && (reason === 'slow' || reason === 'disconnected')
      ? ['its connection broke: the last of it may not have arrived']
      : []),
  ];
  const how = describeField(field, subscription.arguments);
  const parts = hidden.length === 0 ? '' : `; without ${hidden.join(', ')}`;
  const who = `unit ${unit ?? '(none)'}, ${role ?? 'no role'}, at ${address ?? 'an unknown address'}`;
  const what = `${isSure ? '' : 'perhaps '}written to the socket of ${who}, by ${how} (document ${document})`;
  const when = `between ${from} and ${until}`;
  const where = `operation ${operation}, session ${session}, ${process}`;
  return [`${what}, ${when}${parts}`, ...doubts, where].join('; ');
}

export function describeUnended(subscriptions: readonly RecordedSubscription[]): readonly Finding[] {
  return subscriptions
    .filter(({ endedAt }) => endedAt === undefined)
    .map(({ operation, user, last, first }) => {
      const upTo = last ?? first;
      const noted = upTo === undefined ? 'from its start' : `after ${formatPosition(upTo)}`;
      return note(
        'no end',
        `operation ${operation} of user ${user}: it runs, or its last lines are missing; what it was sent ${noted} is not known`,
      );
    });
}

export function conclude(
  events: number,
  receivers: ReadonlySet<string>,
  subscriptions: readonly RecordedSubscription[],
): string {
  if (events === 0) return 'No such event is in Redis.';
  const who =
    receivers.size === 0
      ? 'to the socket of nobody'
      : `to the socket of ${[...receivers].map((user) => `user ${user}`).join(', ')}`;
  return `Of ${counted(events, 'event')} and ${counted(subscriptions.length, 'subscription')}: written ${who}, as far as the lines and the logs reach. That is not: read by.`;
}
