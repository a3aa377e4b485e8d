import type { FoldedKind } from '../events/while-away.ts';
import {
  type Fold,
  type FoldOptions,
  foldThing,
  type Happening,
  type Happenings,
  isEnd,
} from '../topics/fold-events.ts';

/** What happened to the things of one kind. */
export interface FoldedTopics {
  readonly folded: FoldedKind;
  readonly happenings: Happenings;
  /** The things that are addressed to the viewer. */
  readonly mine: ReadonlySet<string>;
  /** What is known of the time before; looked at only where it is needed. */
  before(): Happenings;
}

/** A line, as the SDL has it; its thing is in a field of its own. */
export interface AwayLine {
  readonly kind: string;
  readonly entityId: string;
  readonly actions: readonly string[];
  readonly events: number;
  readonly eventIds: readonly string[];
  readonly statusBefore: string | null;
  readonly statusNow: string | null;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly actor: unknown;
  readonly isNew: boolean;
  readonly isDeleted: boolean;
  readonly isMine: boolean;
  readonly [fieldName: string]: unknown;
}

/** How many ids of events a line has. */
const MAX_EVENT_IDS = 100;

/** A line that is to be made. */
interface ToMake {
  readonly of: FoldedTopics;
  readonly entityId: string;
  readonly fold: Fold;
  readonly last: Happening;
  /** When that happened, in milliseconds since 1970. */
  readonly lastAt: number;
}

/** The lines that there are, the last changed first. */
export function countLines(shown: readonly FoldedTopics[], options: FoldOptions): readonly ToMake[] {
  const lines: ToMake[] = [];
  for (const of of shown)
    for (const [entityId, happenings] of of.happenings) {
      const fold = foldThing(happenings, options);
      const last = fold?.counted.at(-1);
      if (fold !== undefined && last !== undefined)
        lines.push({ of, entityId, fold, last, lastAt: Date.parse(timeOf(last)) });
    }
  // When the events of two logs were appended can be compared to some hundred milliseconds only (bus/redis-log.ts).
  return lines.sort((one, other) => other.lastAt - one.lastAt || other.last.at - one.last.at);
}

export function toLines(toMake: readonly ToMake[], options: FoldOptions): readonly AwayLine[] {
  const before = new Map<FoldedTopics, Happenings>();
  return toMake.map((line) => {
    const known = before.get(line.of) ?? line.of.before();
    before.set(line.of, known);
    return toLine(line, known.get(line.entityId)?.at(-1), options);
  });
}

function toLine(
  { of: { folded, mine, happenings }, entityId, fold, last }: ToMake,
  before: Happening | undefined,
  { isOfOneUnit }: FoldOptions,
): AwayLine {
  const { counted, isDeleted, isNew, newest } = fold;
  const [first = last] = counted;
  const isSameLife = fold.first === happenings.get(entityId)?.[0];
  const wasThere = isSameLife && !isNew && before !== undefined && !isEnd(before.event, isOfOneUnit);
  return {
    kind: folded.kind.kind,
    entityId,
    actions: fold.actions,
    events: counted.length,
    eventIds: counted.slice(-MAX_EVENT_IDS).map(({ event }) => event.data.id),
    statusBefore: wasThere && !isDeleted ? statusOf(before) : null,
    statusNow: statusOf(newest),
    firstAt: timeOf(first),
    lastAt: timeOf(last),
    actor: last.event.data['actor'] ?? null,
    isNew,
    isDeleted,
    isMine: mine.has(entityId),
    [folded.fieldName]: newest?.entity ?? null,
  };
}

function statusOf(happening: Happening | undefined): string | null {
  const status = happening?.entity['status'];
  return typeof status === 'string' ? status : null;
}

/** When it happened. Where an event does not say it: when it was appended. */
function timeOf({ event, at }: Happening): string {
  return event.time ?? new Date(performance.timeOrigin + at).toISOString();
}
