import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { createUserTurns } from '../auth/user-turns.ts';
import { LiveError } from '../errors.ts';
import type { EventKinds } from '../events/kinds.ts';
import type { Topic } from '../events/topic-names.ts';
import { type FoldedKind, foldedKinds, whileAwayTypes } from '../events/while-away.ts';
import { type FoldOptions, groupByThing, type Happenings, mergeHappenings } from '../topics/fold-events.ts';
import type { Hub } from '../topics/hub.ts';
import type { TopicEvent } from '../topics/log-tail.ts';
import { type LogWindow, readWindow } from '../topics/log-window.ts';
import { type AwayLine, countLines, type FoldedTopics, toLines } from './away-lines.ts';
import { type Context, requireSession } from './context.ts';
import { createOneATurn } from './one-a-turn.ts';
import { unitTopic } from './subscription.ts';

interface Arguments {
  readonly unitId?: string | null;
  readonly sinceMs: number;
  readonly kinds?: readonly string[] | null;
  readonly first?: number | null;
  readonly includeOwn?: boolean | null;
}

/** As the SDL has it; the types of another schema must be alike (events/away-faults.ts). */
interface WhileAway {
  readonly knownFrom: string;
  readonly until: string;
  readonly isWhole: boolean;
  readonly lines: readonly AwayLine[];
  readonly more: number;
}

const DEFAULT_LINES = 100;
const MAX_LINES = 500;

/** A crowd after a restart is answered a few at a time. Between two of them the event loop delivers events. */
const TURNS = { together: 4, maxWaiting: 10, perMinute: 30 } as const;

/** Gives the query with `@whileAway`, in place, what the topics' logs have. */
export function resolveWhileAway(
  schema: GraphQLSchema,
  kinds: EventKinds,
  { hub }: { readonly hub: Pick<Hub, 'open'> },
): void {
  const turns = createUserTurns(TURNS);
  const ownTurn = createOneATurn();
  for (const { field, line } of whileAwayTypes(schema)) {
    const all = foldedKinds(schema, line, kinds);
    const group = rememberGroups();
    const resolve: GraphQLFieldResolver<unknown, Context, Arguments> = (_root, args, context) => {
      const session = requireSession(context);
      const { wanted, first, sinceMs } = readArguments(all, args);
      const topics = topicsOf(wanted, args.unitId, context);
      return turns.run(session, async (signal) => {
        const read = await Promise.all(
          topics.map(async ({ topic, folded }) => {
            const window = await readWindow(hub, topic, sinceMs, signal);
            context.noteRead?.({ topic, first: window.first, last: window.last });
            return { topic, folded, window };
          }),
        );
        await ownTurn(); // what was read together would be folded together, and hold up events for as long
        signal.throwIfAborted();
        const options: FoldOptions = {
          isOfOneUnit: topics.every(({ topic }) => !('all' in topic)),
          withoutUser: args.includeOwn === true ? undefined : session.identity.viewer.id,
        };
        const shown = wanted.map((folded) => gather(folded, read, args.unitId ?? undefined, group));
        return answer(shown, read, { options, first, sinceMs });
      });
    };
    field.resolve = resolve;
  }
}

function readArguments(all: readonly FoldedKind[], { kinds, first, sinceMs }: Arguments) {
  const known = all.map(({ kind }) => kind.kind);
  if (kinds?.length === 0) throw badInput('kinds is empty: name at least one, or leave it out.');
  if (kinds?.some((kind) => !known.includes(kind)))
    throw badInput(`kinds must be of these: ${known.join(', ')}.`);
  if (!(sinceMs >= 0)) throw badInput('sinceMs must be a number of milliseconds: 0 or more.');
  const most = first ?? DEFAULT_LINES;
  if (most < 1 || most > MAX_LINES) throw badInput(`first must be 1 to ${MAX_LINES}.`);
  const wanted = all.filter(({ kind }) => kinds == null || kinds.includes(kind.kind));
  return { wanted, first: most, sinceMs };
}

const badInput = (message: string): LiveError => new LiveError('BAD_USER_INPUT', message);

interface ToRead {
  readonly topic: Topic;
  readonly folded: FoldedKind;
}

/** What a viewer may follow of these kinds: the topics that subscriptions would read. */
function topicsOf(
  wanted: readonly FoldedKind[],
  unitId: string | null | undefined,
  context: Context,
): readonly ToRead[] {
  const { id: userId } = requireSession(context).identity.viewer;
  return wanted.flatMap((folded) => {
    const { kind, hasUserTopics } = folded.kind;
    return [
      { folded, topic: unitTopic(folded.kind, unitId, context) },
      ...(hasUserTopics ? [{ folded, topic: { kind, userId } }] : []),
    ];
  });
}

type ReadTopic = ToRead & { readonly window: LogWindow };

/** The events of one kind, by the things that they are about. */
function gather(
  folded: FoldedKind,
  read: readonly ReadTopic[],
  unitId: string | undefined,
  group: ReturnType<typeof rememberGroups>,
): FoldedTopics {
  const own = read.filter((one) => one.folded === folded);
  const ofUnit = own.find(({ topic }) => !('userId' in topic));
  const personal = own.find(({ topic }) => 'userId' in topic);
  const events = ofUnit?.window.events ?? [];
  const addressed = wantedOf(folded, personal?.window.events ?? [], unitId);
  const mine = groupByThing(folded.kind, addressed);
  return {
    folded,
    happenings: mergeHappenings(group(folded, ofUnit, events), mine),
    mine: new Set(mine.keys()),
    before: () => group(folded, ofUnit, ofUnit?.window.before ?? []),
  };
}

/** Of what is addressed to a user, what is of one unit; `undefined`: of any. */
function wantedOf(
  { kind }: FoldedKind,
  events: readonly TopicEvent[],
  unitId: string | undefined,
): readonly TopicEvent[] {
  if (unitId === undefined) return events;
  return events.filter(
    ({ event }) => event !== undefined && kind.unitsOf(event.data).every((unit) => unit === unitId),
  );
}

/** How many groupings are remembered, of those that are in memory still. */
const REMEMBERED = 64;

/** Groups the same events of a topic once for all who ask for them together. Nothing is kept in memory by it. */
function rememberGroups() {
  const known = new Map<string, WeakRef<Happenings>>();
  return ({ kind }: FoldedKind, read: ReadTopic | undefined, events: readonly TopicEvent[]): Happenings => {
    const key = JSON.stringify([read?.topic, events[0]?.cursor, events.at(-1)?.cursor]);
    const found = known.get(key)?.deref();
    if (found !== undefined) return found;
    const made = groupByThing(kind, events);
    known.delete(key);
    known.set(key, new WeakRef(made));
    for (const oldest of known.keys()) {
      if (known.size <= REMEMBERED) break;
      known.delete(oldest);
    }
    return made;
  };
}

function answer(
  shown: readonly FoldedTopics[],
  read: readonly ReadTopic[],
  { options, first, sinceMs }: { options: FoldOptions; first: number; sinceMs: number },
): WhileAway {
  const now = Date.now();
  const knownMs = Math.min(sinceMs, ...read.map(({ window }) => window.knownMs));
  const counted = countLines(shown, options);
  return {
    knownFrom: new Date(now - knownMs).toISOString(),
    until: new Date(now).toISOString(),
    isWhole: knownMs >= Math.floor(sinceMs),
    lines: toLines(counted.slice(0, first), options),
    more: Math.max(0, counted.length - first),
  };
}
