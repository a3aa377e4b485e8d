import { type LogPosition, parsePosition } from '../../bus/position.ts';
import type { SecurityLine } from '../../record/schema.ts';

/** A subscription as the security log has it, or what a query has read of one topic. */
export interface RecordedSubscription {
  readonly operation: string;
  /** It was a query, which answers with one line for each thing. */
  readonly isFolded: boolean;
  readonly session: string;
  readonly process: string;
  readonly user: string;
  readonly unit: string | null;
  readonly role: string | null;
  readonly address: string | null;
  readonly field: string;
  readonly reads: string | null;
  readonly topic: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The arguments that are not in the log: they may leave events out. */
  readonly leftOut: readonly string[];
  readonly document: string;
  /** In milliseconds since 1970. */
  readonly startedAt: number;
  /** `undefined`: there is no line of its end. */
  readonly endedAt: number | undefined;
  readonly reason: string | undefined;
  /** `undefined`: the log was empty, or there is none. */
  readonly first: LogPosition | undefined;
  /** How far it came for sure. */
  readonly last: LogPosition | undefined;
}

type Beginning = Omit<RecordedSubscription, keyof Course>;
type Course = Pick<RecordedSubscription, 'last' | 'endedAt' | 'reason'>;

/** Puts the lines of each subscription together, in whatever order their files are read. */
export interface SubscriptionReader {
  add(line: SecurityLine): void;
  readonly all: readonly RecordedSubscription[];
}

/** @param userId whose subscriptions; `undefined`: everybody's. */
export function readSubscriptions(userId: string | undefined): SubscriptionReader {
  const begun = new Map<string, Beginning>();
  /** Those of which a later line was read, and perhaps never the first. */
  const goingOn = new Map<string, Beginning>();
  const courses = new Map<string, Course>();
  return {
    add(line) {
      const { event, operation, topic } = line;
      if (operation === undefined || topic === undefined) return; // most queries, and mutations, read no topic
      if (userId !== undefined && line.user !== userId) return;
      if (event === 'operation.read') {
        const name = `${operation} ${topic} ${line.first} ${line.last}`; // a query may read several, and one several times
        begun.set(name, { ...begin(line, operation, topic), isFolded: true });
        courses.set(name, { ...goOn(NOWHERE, line), endedAt: Date.parse(line.at), reason: 'completed' });
      }
      if (event === 'operation.started') begun.set(operation, begin(line, operation, topic));
      if (event !== 'operation.position' && event !== 'operation.ended') return;
      courses.set(operation, goOn(courses.get(operation), line));
      goingOn.set(operation, beginBefore(line, operation, topic));
    },
    get all() {
      return [...new Map([...goingOn, ...begun])].map(([operation, beginning]) => ({
        ...beginning,
        ...(courses.get(operation) ?? NOWHERE),
      }));
    },
  };
}

const NOWHERE: Course = { last: undefined, endedAt: undefined, reason: undefined };

function goOn(course = NOWHERE, line: SecurityLine): Course {
  const last = later(course.last, line.last);
  return line.event === 'operation.ended'
    ? { last, endedAt: Date.parse(line.at), reason: line.reason }
    : { ...course, last };
}

function begin(line: SecurityLine, operation: string, topic: string): Beginning {
  return {
    operation,
    isFolded: false,
    topic,
    session: line.session ?? '',
    process: line.process,
    user: line.user ?? '',
    unit: line.unit ?? null,
    role: line.role ?? null,
    address: line.address ?? null,
    field: line.field ?? '',
    reads: line.reads ?? null,
    arguments: line.arguments ?? {},
    leftOut: line.leftOut ?? [],
    document: line.document ?? '',
    startedAt: Date.parse(line.at),
    first: parsePosition(line.first ?? ''),
  };
}

/** Its first line may be in an older file, and the others have no arguments. */
function beginBefore(line: SecurityLine, operation: string, topic: string): Beginning {
  return {
    ...begin(line, operation, topic),
    leftOut: ['arguments, whose line is not here,'],
    startedAt: Date.parse(line.at) - (line.seconds ?? 0) * 1000,
  };
}

function later(one: LogPosition | undefined, written: string | null | undefined): LogPosition | undefined {
  const other = parsePosition(written ?? '');
  if (other === undefined) return one;
  return one === undefined || one.epoch !== other.epoch || other.offset > one.offset ? other : one;
}

/**
 * Whether a subscription was sent what stands at a position of its topic, if its arguments let it through:
 * - `yes`: it came as far.
 * - `perhaps`: it had begun before, and nobody knows how far it came.
 */
export function wasSent(
  { first, last, startedAt, endedAt }: RecordedSubscription,
  target: LogPosition,
  appendedAt: number,
): 'yes' | 'perhaps' | 'no' {
  if (first !== undefined && first.epoch === target.epoch && target.offset <= first.offset) return 'no';
  if (last?.epoch === target.epoch) {
    if (target.offset <= last.offset) return 'yes';
    return endedAt === undefined ? 'perhaps' : 'no';
  }
  if (endedAt === undefined) return 'perhaps';
  if (last === undefined) return 'no'; // it has ended, and nothing was given to it
  return appendedAt >= startedAt && appendedAt <= endedAt ? 'perhaps' : 'no'; // the log was begun again meanwhile
}
