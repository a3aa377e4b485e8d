/** Where a user is connected, and how far each subscription has come. */
import type { LogPosition } from '../../bus/position.ts';
import { parsePosition } from '../../bus/position.ts';
import { type TopicNames, topicName } from '../../events/topic-names.ts';
import type { AnsweredConnection, AnsweredSubscription } from '../../transport/presence-messages.ts';
import { counted, type Finding, fault, instant, note, ok, warning } from '../finding.ts';
import type { Answers } from './ask-servers.ts';
import type { FoundEvent } from './find-event.ts';
import type { Person, Verdict, Visibility } from './visible.ts';

/** What is asked about the connections of a user. */
export interface ConnectionQuestion {
  readonly names: TopicNames;
  readonly found: FoundEvent;
  readonly visibility: Visibility;
  readonly person: Person;
}

export function describeAnswers({ answers, asked }: Answers): readonly Finding[] {
  const count = answers.length;
  if (count === 0)
    return [
      warning(
        'servers',
        asked === undefined || asked > 0 ? 'none has answered in time' : 'none listens to questions',
        'is one running, with this Redis and this TOPIC_PREFIX, and of this version?',
      ),
    ];
  const says = `${count} of ${counted(asked ?? count, 'process')} answered: ${answers.map(({ process }) => process).join(', ')}`;
  return [asked !== undefined && count < asked ? warning('servers', says) : ok('servers', says)];
}

/**
 * How far a subscription has come:
 * - `written`: the event was written to the client.
 * - `before`: the event was appended before the client connected.
 * - `late`: the server has not come to the event.
 * - `unread`: the subscription does not read the event, or its position is not known.
 */
export type Reached = 'written' | 'before' | 'late' | 'unread';

interface Traced {
  readonly finding: Finding;
  readonly reached: Reached;
}

/** @param question `undefined`: only where the user is connected is asked, and not about an event. */
export async function traceConnections(
  { answers }: Answers,
  question: ConnectionQuestion | undefined,
): Promise<{ readonly findings: readonly Finding[]; readonly reached: ReadonlySet<Reached> }> {
  const findings: Finding[] = [];
  const reached = new Set<Reached>();
  for (const { process, connections, leftOut } of answers) {
    for (const connection of connections) {
      findings.push(ok(process, describeConnection(connection)));
      for (const subscription of connection.subscriptions) {
        const traced = await traceSubscription(subscription, connection, question);
        findings.push(traced.finding);
        reached.add(traced.reached);
      }
      if (connection.subscriptions.length === 0)
        findings.push(
          warning(process, 'it runs no subscription', 'look at the app: it subscribes to nothing'),
        );
    }
    if (leftOut > 0)
      findings.push(note(process, `${leftOut} more ${leftOut === 1 ? 'is' : 'are'} not named here`));
  }
  return { findings, reached };
}

function describeConnection({ transport, address, since, until, unitId, role }: AnsweredConnection): string {
  const from = address === null ? '' : ` from ${address}`;
  return `${transport}${from} since ${instant(since)}, until ${instant(until)}; unit ${unitId ?? '(none)'}, ${role ?? 'no role'}`;
}

async function traceSubscription(
  { field, arguments: given, topic, position }: AnsweredSubscription,
  { since }: AnsweredConnection,
  question: ConnectionQuestion | undefined,
): Promise<Traced> {
  const name = describeField(field, given);
  const at = `${topic}${position === null ? '' : ` at ${position}`}`;
  if (question === undefined) return { finding: ok(name, at), reached: 'unread' };
  const verdict = await question.visibility.judge({ name: field, arguments: given }, question.person);
  if (verdict.outcome !== 'delivered')
    return { finding: note(name, `${at}: ${describeVerdict(verdict)}`), reached: 'unread' };
  const isOfAll = topicName(question.names, verdict.topic) !== question.found.entry.channel;
  const target = isOfAll ? question.found.inAll : question.found.entry.position;
  const here = position === null ? undefined : parsePosition(position);
  if (target === undefined || here === undefined)
    return {
      finding: note(name, `${at}: its position cannot be compared with the event’s`),
      reached: 'unread',
    };
  return compare(name, at, { here, target, isLater: since > question.found.entry.appendedAt });
}

interface Positions {
  readonly here: LogPosition;
  readonly target: LogPosition;
  /** Whether the client connected after the event was appended. */
  readonly isLater: boolean;
}

function compare(name: string, at: string, { here, target, isLater }: Positions): Traced {
  if (here.epoch !== target.epoch)
    return {
      finding: warning(name, `${at}: of another life of the log`, 'the client must fetch its data again'),
      reached: 'unread',
    };
  if (here.offset < target.offset)
    return {
      finding: fault(
        name,
        `${at}: it has not come to the event, which is at ${target.offset}`,
        'look at /ready and the log of this process, and run dms-live doctor',
      ),
      reached: 'late',
    };
  if (isLater)
    return {
      finding: note(
        name,
        `${at}: past the event, but the client connected after it`,
        'it got the event if it resumed after an older cursor, or asked for the past; otherwise what it fetched has the change',
      ),
      reached: 'before',
    };
  return {
    finding: ok(
      name,
      `${at}: past the event: it was written to the client, unless the subscription began after it`,
    ),
    reached: 'written',
  };
}

export function describeField(name: string, given: Readonly<Record<string, unknown>>): string {
  const args = Object.entries(given)
    .filter(([, value]) => value !== undefined && value !== null && value !== false)
    .map(([argument, value]) => `${argument}: ${JSON.stringify(value)}`);
  return args.length === 0 ? name : `${name}(${args.join(', ')})`;
}

/** What a field of the API does with the event. */
export function describeVerdict(verdict: Verdict): string {
  switch (verdict.outcome) {
    case 'refused':
      return `refused: ${verdict.reason}`;
    case 'other topic':
      return `reads ${verdict.topic}, where the event is not`;
    case 'filtered':
      return 'its arguments leave this event out';
    case 'delivered': {
      const { hidden, guarded } = verdict;
      const without = hidden.length === 0 ? '' : `; as null or left out: ${hidden.join(', ')}`;
      const refusing = guarded.length === 0 ? '' : `; refused if it selects ${guarded.join(', ')}`;
      return `delivers it${without}${refusing}`;
    }
  }
}
