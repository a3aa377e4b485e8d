import type { Environment } from '../../config/reader.ts';
import { UsageError } from '../command.ts';
import { type Finding, note, ok, writeFindings } from '../finding.ts';
import type { Lookout } from '../lookout.ts';
import { type Answers, askServers } from './ask-servers.ts';
import {
  describeAnswers,
  describeField,
  describeVerdict,
  type Reached,
  traceConnections,
} from './connections.ts';
import { findEvent, type Wanted } from './find-event.ts';
import { describeFound, describeMissing } from './in-redis.ts';
import { judgeVisibility, type Person, type Visibility } from './visible.ts';
import { checkWhom, type KnownPerson, readWhom, readWhomOfToken, type Whom } from './whom.ts';

export interface Explanation {
  /** Where the event is. */
  readonly event: readonly Finding[];
  /** Who asks, and whether a server lets that user in. */
  readonly user: readonly Finding[];
  /** What each field of the API does with the event for that user. */
  readonly fields: readonly Finding[];
  readonly connections: readonly Finding[];
  /** What stands between the event and the user, most of all. */
  readonly conclusion: string;
  readonly isObstructed: boolean;
}

export interface Asked {
  readonly environment: Environment;
  readonly lookout: Lookout;
  readonly wanted: Wanted | undefined;
  readonly whom: Whom;
}

export async function explainDelivery({ environment, lookout, wanted, whom }: Asked): Promise<Explanation> {
  checkWhom(whom);
  if (wanted?.kind !== undefined && !lookout.names.kinds.has(wanted.kind))
    throw new UsageError(`There is no kind ${wanted.kind}: ${[...lookout.names.kinds.keys()].join(', ')}.`);
  const found = wanted && (await findEvent(lookout, wanted));
  const event =
    wanted === undefined ? [] : found ? describeFound(found) : await describeMissing(lookout, wanted);
  const { known, answers } = await findPerson(environment, lookout, whom);
  const visibility = found?.read.event && judgeVisibility(lookout.domain, lookout.names, found);
  const fields = visibility && known.person ? await judgeFields(visibility, known.person) : [];
  const question = found &&
    visibility &&
    known.person && { names: lookout.names, found, visibility, person: known.person };
  const traced = answers && (await traceConnections(answers, question));
  const parts = {
    event,
    user: known.findings,
    fields,
    connections: answers && traced ? [...describeAnswers(answers), ...traced.findings] : [],
  };
  return { ...parts, ...conclude(parts, answers, traced?.reached ?? new Set()) };
}

/** A token says who its bearer is. Of a user who was only named, an open session may say unit and role. */
async function findPerson(
  environment: Environment,
  lookout: Lookout,
  whom: Whom,
): Promise<{ readonly known: KnownPerson; readonly answers: Answers | undefined }> {
  const { tokenFile, userId } = whom;
  if (tokenFile !== undefined) {
    const known = await readWhomOfToken(environment, { file: tokenFile, userId }, lookout);
    return {
      known,
      answers: known.userId === undefined ? undefined : await askServers(lookout, known.userId),
    };
  }
  if (userId === undefined && whom.unitId === undefined && whom.role === undefined)
    return { known: { findings: [], userId, person: undefined }, answers: undefined };
  const answers = userId === undefined ? undefined : await askServers(lookout, userId);
  const connections = answers?.answers.flatMap((answer) => answer.connections) ?? [];
  return { known: await readWhom(whom, lookout, connections), answers };
}

async function judgeFields(visibility: Visibility, person: Person): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const field of visibility.fieldsFor(person)) {
    const verdict = await visibility.judge(field, person);
    const name = describeField(field.name, field.arguments);
    const says = describeVerdict(verdict);
    findings.push(verdict.outcome === 'delivered' ? ok(name, says) : note(name, says));
  }
  return findings;
}

type Parts = Pick<Explanation, 'event' | 'user' | 'fields' | 'connections'>;

/** The first obstacle on the way of the event: Redis, the token, the rules, the connection, the subscription. */
function conclude(
  { event, user, fields }: Parts,
  answers: Answers | undefined,
  reached: ReadonlySet<Reached>,
): Pick<Explanation, 'conclusion' | 'isObstructed'> {
  const obstructed = (conclusion: string) => ({ conclusion, isObstructed: true });
  const clear = (conclusion: string) => ({ conclusion, isObstructed: false });
  const first = [...event, ...user].find(({ level }) => level === 'fault');
  if (first !== undefined) return obstructed(`${first.about}: ${first.says}`);
  if (fields.length > 0 && !fields.some(({ level }) => level === 'ok'))
    return obstructed('No field of the API delivers it to this user: see the rules above.');
  if (answers === undefined) return clear('The event is in Redis. Name a user to see more.');
  if (answers.answers.length === 0) return obstructed('No server answers.');
  if (!answers.answers.some(({ connections }) => connections.length > 0))
    return obstructed(
      'The user is connected nowhere. A client that comes back gets the event if it resumes.',
    );
  if (fields.length === 0) return clear('The user is connected.');
  if (reached.has('late')) return obstructed('A server has not come to the event yet: see the connections.');
  if (reached.has('written'))
    return clear(
      'It was written to the client. Look there: its log, its developer tools, the network between.',
    );
  if (reached.has('before'))
    return clear('The client connected after the event: what it fetched, or its replay, has the change.');
  return obstructed('The user is connected, and no subscription of the user reads this event.');
}

export function* writeExplanation(explanation: Explanation): Generator<string> {
  yield* writeFindings('Event', explanation.event);
  yield* writeFindings('User', explanation.user);
  yield* writeFindings('Fields of the API', explanation.fields);
  yield* writeFindings('Connections', explanation.connections);
  yield `Conclusion: ${explanation.conclusion}`;
}
