/** Who was sent which events, by the security log and the logs of topics together. */
import { type RoleClasses, scopeOf } from '../../auth/access.ts';
import type { LogPosition } from '../../bus/position.ts';
import { ownTopicArgument, subscriptionFields, topicRule } from '../../events/kinds.ts';
import { topicName } from '../../events/topic-names.ts';
import { ALL_UNITS } from '../../graphql/describe-operation.ts';
import { readMessage } from '../../topics/read-message.ts';
import { UsageError } from '../command.ts';
import { type Finding, note, ok, writeFindings } from '../finding.ts';
import type { Lookout } from '../lookout.ts';
import { type FoundEvent, findEvents, type Wanted } from '../why/find-event.ts';
import { describeFound, describeMissing } from '../why/in-redis.ts';
import { type ApiField, judgeVisibility, type Person } from '../why/visible.ts';
import { conclude, describeSending, describeUnended } from './describe-recipients.ts';
import { findTrimmed, readGaps } from './gaps.ts';
import { type RecordedSubscription, readSubscriptions, wasSent } from './operations.ts';
import type { FoundLine } from './read-lines.ts';
import { topicOf } from './topic-of.ts';

export interface Recipients {
  readonly events: readonly Finding[];
  /** The event, and to whom it was sent, by which operation. */
  readonly sent: readonly Finding[];
  /** What may change the answer. */
  readonly missing: readonly Finding[];
  readonly conclusion: string;
}

export interface Question {
  readonly lookout: Lookout;
  readonly lines: AsyncIterable<FoundLine>;
  /** `undefined`: all that the user was sent. */
  readonly wanted: Wanted | undefined;
  readonly userId: string | undefined;
}

/** How many events are looked at; each is judged for each subscription that may have got it. */
const MAX_EVENTS = 1000;

export async function findRecipients({ lookout, lines, wanted, userId }: Question): Promise<Recipients> {
  if (wanted?.kind !== undefined && !lookout.names.kinds.has(wanted.kind))
    throw new UsageError(`There is no kind ${wanted.kind}: ${[...lookout.names.kinds.keys()].join(', ')}.`);
  const gaps = readGaps();
  const read = readSubscriptions(userId);
  for await (const found of lines) {
    gaps.add(found);
    if (found.line !== undefined) read.add(found.line);
  }
  const subscriptions = read.all;
  const found = await gather(lookout, wanted, subscriptions);
  const kinds = new Set(
    wanted?.kind === undefined ? found.events.map(({ kind }) => kind.kind) : [wanted.kind],
  );
  const isConcerned = (kind = ''): boolean => wanted === undefined || kinds.size === 0 || kinds.has(kind);
  const sent: Finding[] = [];
  const receivers = new Set<string>();
  for (const event of found.events)
    for (const { subscription, finding, isSure } of await trace(lookout, event, subscriptions)) {
      sent.push(finding);
      if (isSure) receivers.add(subscription.user);
    }
  const concerned = subscriptions.filter(({ topic }) => isConcerned(topicOf(lookout.names, topic)?.kind));
  const isWhole = wanted !== undefined && 'eventId' in wanted && found.events.length > 0;
  const missing = [
    ...gaps.findings,
    ...found.missing,
    ...describeUnended(concerned),
    ...(isWhole ? [] : await findTrimmed(lookout, concerned)),
  ];
  const events =
    wanted !== undefined && found.events.length === 0
      ? await describeMissing(lookout, wanted)
      : found.events.flatMap((event) => describeFound(event).slice(0, 1));
  return { events, sent, missing, conclusion: conclude(found.events.length, receivers, subscriptions) };
}

interface Gathered {
  readonly events: readonly FoundEvent[];
  readonly missing: readonly Finding[];
}

/** The events that are asked for, the oldest first. */
async function gather(
  lookout: Lookout,
  wanted: Wanted | undefined,
  subscriptions: readonly RecordedSubscription[],
): Promise<Gathered> {
  const events: FoundEvent[] = [];
  const search = wanted === undefined ? findSent(lookout, subscriptions) : findEvents(lookout, wanted);
  for await (const event of search) {
    events.push(event);
    if (events.length === MAX_EVENTS)
      return {
        events: events.toReversed(),
        missing: [note('events', `only the newest ${MAX_EVENTS} are named here`, 'ask about single ones')],
      };
  }
  return {
    events: events.toSorted((one, other) => one.entry.appendedAt - other.entry.appendedAt),
    missing: [],
  };
}

/** What stands in the logs of the topics of these subscriptions, as far as they came. */
async function* findSent(
  { names, history }: Lookout,
  subscriptions: readonly RecordedSubscription[],
): AsyncGenerator<FoundEvent> {
  for (const topic of new Set(subscriptions.map((one) => one.topic))) {
    const own = subscriptions.filter((one) => one.topic === topic);
    const read = topicOf(names, topic);
    const kind = read && names.kinds.get(read.kind);
    if (read === undefined || kind === undefined || !names.isLogged(read)) continue;
    const isOfAll = 'all' in read && read.all === 'units';
    for await (const entry of history.newestFirst(names.streamOf(read))) {
      const { position, appendedAt } = entry;
      if (own.every((subscription) => wasSent(subscription, position, appendedAt) === 'no')) continue;
      const channel = names.channelOf(entry.channel);
      if (channel === undefined) continue;
      const message = readMessage(names.kinds, channel, entry.event);
      yield { kind, channel, entry, inAll: isOfAll ? position : undefined, read: message };
    }
  }
}

interface Traced {
  readonly subscription: RecordedSubscription;
  readonly finding: Finding;
  readonly isSure: boolean;
}

/** The subscriptions that one event was sent to, or perhaps was. */
async function trace(
  lookout: Lookout,
  found: FoundEvent,
  subscriptions: readonly RecordedSubscription[],
): Promise<readonly Traced[]> {
  if (found.read.event === undefined) return []; // servers refuse it
  const { domain, names } = lookout;
  const visibility = judgeVisibility(domain, names, found);
  const traced: Traced[] = [];
  for (const subscription of subscriptions) {
    const target = targetIn(names, subscription, found);
    if (target === undefined) continue;
    const outcome = wasSent(subscription, target, found.entry.appendedAt);
    if (outcome === 'no') continue;
    const verdict = await visibility.judge(
      judgedAs(domain, subscription, found),
      personOf(subscription, lookout.roleClasses),
    );
    if (verdict.outcome !== 'delivered') continue;
    const isWhole = !subscription.isFolded && subscription.leftOut.length === 0 && !found.kind.isNewestOnly;
    const isSure = outcome === 'yes' && isWhole;
    const says = describeSending(subscription, {
      isSure,
      hidden: verdict.hidden,
      isNewestOnly: found.kind.isNewestOnly,
    });
    const about = `${found.entry.eventId} → user ${subscription.user}`;
    traced.push({ subscription, isSure, finding: isSure ? ok(about, says) : note(about, says) });
  }
  return traced;
}

/** A query that has read a topic shows no more than the subscription that reads the same topic. */
function judgedAs(
  { schema }: Lookout['domain'],
  subscription: RecordedSubscription,
  found: FoundEvent,
): ApiField {
  const given = unitArgument(subscription, found);
  if (!subscription.isFolded)
    return { name: subscription.field, arguments: { ...subscription.arguments, ...given } };
  const field = subscriptionFields(schema).find(
    (one) =>
      topicRule(schema, one)?.kind === found.kind.kind &&
      (!isPersonal(found) || ownTopicArgument(schema, one) !== undefined),
  );
  const own = field && ownTopicArgument(schema, field);
  const isOwn = isPersonal(found) && own !== undefined;
  return { name: field?.name ?? '', arguments: { ...given, ...(isOwn && { [own]: true }) } };
}

const isPersonal = ({ channel }: FoundEvent): boolean => 'userId' in channel;

/** Where an event stands in the log that a subscription reads; `undefined`: it is not in there. */
function targetIn(
  names: Lookout['names'],
  { topic }: RecordedSubscription,
  { channel, entry, inAll }: FoundEvent,
): LogPosition | undefined {
  if (topic === topicName(names, channel)) return entry.position;
  return topic === topicName(names, { kind: channel.kind, all: 'units' }) ? inAll : undefined;
}

/** The argument `unitId`, which the log has as `reads`. Of what is addressed to a user it leaves out what is not of that unit. */
function unitArgument({ reads, unit }: RecordedSubscription, { channel }: FoundEvent) {
  if (reads === null || reads === ALL_UNITS) return {};
  return reads === unit && !('userId' in channel) ? {} : { unitId: reads };
}

function personOf({ user, unit, role }: RecordedSubscription, classes: RoleClasses): Person {
  return { userId: user, scope: scopeOf({ id: user, name: null, unitId: unit, role }, classes) };
}

export function* writeRecipients({ events, sent, missing, conclusion }: Recipients): Generator<string> {
  yield* writeFindings('Events', events);
  yield* writeFindings('Sent', sent);
  yield* writeFindings('What is missing', missing);
  yield `Conclusion: ${conclusion}`;
}
