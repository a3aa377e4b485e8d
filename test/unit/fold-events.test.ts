/** How events are folded to lines: what counts, what is over, and what is said of the time before. */
import { expect, test } from 'vitest';
import type { EventKind, LiveEvent } from '../../src/events/kinds.ts';
import { countLines, toLines } from '../../src/graphql/away-lines.ts';
import { type FoldOptions, groupByThing, mergeHappenings } from '../../src/topics/fold-events.ts';
import type { TopicEvent } from '../../src/topics/log-tail.ts';

interface Said {
  readonly kind?: string;
  readonly actor?: string;
  readonly status?: string;
  readonly at?: number;
  /** What it is about; default thing 1. */
  readonly things?: readonly string[];
}

/** An event of the log, one each millisecond. */
function happened(id: string, action: string, more: Said = {}): TopicEvent {
  const { kind = 'crate', actor = '9', status = action, at = Number(id), things = ['1'] } = more;
  const data = { id, action, actor: { id: actor }, things: things.map((one) => ({ id: one, status })) };
  const event = { kind, time: new Date(at).toISOString(), data } as unknown as LiveEvent; // all that is read of it
  return { event, offset: Number(id), cursor: id, appendedBy: at };
}

const kind = {
  kind: 'crate',
  entitiesOf: (data: Record<string, unknown>) => data['things'],
} as unknown as EventKind;

const OF_UNIT: FoldOptions = { isOfOneUnit: true, withoutUser: '17' };

function linesOf(
  events: readonly TopicEvent[],
  before: readonly TopicEvent[] = [],
  { mine = [], options = OF_UNIT }: { mine?: readonly TopicEvent[]; options?: FoldOptions } = {},
) {
  const own = groupByThing(kind, mine);
  const folded = {
    folded: { kind, fieldName: 'crate' },
    happenings: mergeHappenings(groupByThing(kind, events), own),
    mine: new Set(own.keys()),
    before: () => groupByThing(kind, before),
  };
  return toLines(countLines([folded], options), options);
}

test('of what others did the last one stands in a line, and what the user did changes only the state', () => {
  const own = happened('3', 'STATUS_CHANGED', { actor: '17', status: 'Sealed' });
  const events = [happened('1', 'CREATED', { actor: '17' }), happened('2', 'UPDATED'), own];
  expect(linesOf(events)).toMatchObject([
    {
      actions: ['UPDATED'],
      events: 1,
      eventIds: ['2'],
      actor: { id: '9' },
      statusNow: 'Sealed',
      isNew: true,
    },
  ]);
  const last = happened('4', 'UPDATED', { actor: '10' });
  expect(linesOf([...events, last])).toMatchObject([{ events: 2, actor: { id: '10' } }]);
  const deleted = happened('4', 'DELETED', { actor: '17' });
  expect(linesOf([...events, deleted])).toEqual([]);
});

test('what happened before a thing left or was deleted is over once it is there again', () => {
  for (const end of ['MOVED_OUT', 'DELETED']) {
    const events = [happened('1', 'UPDATED'), happened('2', end), happened('3', 'UPDATED')];
    expect(linesOf(events, [happened('0', 'CREATED', { status: 'Old' })])).toMatchObject([
      { actions: ['UPDATED'], eventIds: ['3'], statusBefore: null },
    ]);
  }
  const moved = [
    happened('1', 'MOVED_OUT', { status: 'There' }),
    happened('2', 'MOVED_IN', { status: 'Here' }),
  ];
  const ofAll = { options: { ...OF_UNIT, isOfOneUnit: false } };
  expect(linesOf(moved, [], ofAll)).toMatchObject([
    { actions: ['MOVED_OUT', 'MOVED_IN'], statusNow: 'Here' },
  ]);
  expect(linesOf(moved.toReversed(), [], ofAll)).toMatchObject([{ statusNow: 'Here' }]);
});

test.each([
  ['is what it was', 'UPDATED', 'UPDATED', 'Was'],
  ['is not said of what is new', 'UPDATED', 'CREATED', null],
  ['is not said of what was deleted since', 'UPDATED', 'DELETED', null],
  ['is not said of what had left the unit', 'MOVED_OUT', 'UPDATED', null],
  ['is not said of what had been deleted', 'DELETED', 'UPDATED', null],
])('the status before %s', (_what, before, action, statusBefore) => {
  const earlier = [happened('0', 'UPDATED', { status: 'Older' }), happened('1', before, { status: 'Was' })];
  expect(linesOf([happened('2', action)], earlier)).toMatchObject([{ statusBefore }]);
});

test('an event counts once for each thing, also on two topics, and is in its place', () => {
  const twice = happened('1', 'UPDATED', { things: ['1', '1', '2'] });
  const later = happened('3', 'STATUS_CHANGED');
  const mine = [twice, happened('2', 'SENT_BACK')];
  expect(linesOf([twice, later], [], { mine })).toMatchObject([
    { entityId: '1', eventIds: ['1', '2', '3'], statusNow: 'STATUS_CHANGED', isMine: true },
    { entityId: '2', eventIds: ['1'] },
  ]);
  expect(linesOf([happened('1', 'UPDATED', { kind: 'request' })])).toEqual([]);
});

test('a line names its newest events, and the last changed comes first', () => {
  const many = Array.from({ length: 120 }, (_none, at) => happened(`${at + 1}`, 'UPDATED'));
  const [line, ...others] = linesOf([...many, happened('121', 'UPDATED', { things: ['2'] })]).toReversed();
  expect(others.map(({ entityId }) => entityId)).toEqual(['2']);
  expect(line).toMatchObject({ events: 120, firstAt: new Date(1).toISOString() });
  expect([line?.eventIds.length, line?.eventIds[0], line?.eventIds.at(-1)]).toEqual([100, '21', '120']);
});
