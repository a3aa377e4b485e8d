/** What an operation has received, compared with what was due. */
import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../events/paths.ts';
import type { Bench } from './bench.ts';
import type { Operation, Values } from './operation.ts';
import { isDue, maySee, type Reading } from './oracle.ts';
import type { Viewer } from './people.ts';
import { type Probe, visiblePart } from './probe.ts';

/** The events that an operation has received, in order. */
export const eventsOf = ({ answers }: Operation): readonly Values[] =>
  answers.flatMap(({ data }) => {
    const [event] = Object.values(data ?? {});
    return isRecord(event) ? [event] : [];
  });

/** The ids of those that are ours. */
export const probeIdsOf = ({ probes }: Pick<Bench, 'probes'>, operation: Operation): readonly string[] =>
  eventsOf(operation).flatMap(({ id }) => (typeof id === 'string' && probes.isProbe(id) ? [id] : []));

/** What was received, and what is wrong with it. */
export interface Judgement {
  readonly count: number;
  /** How many of them were published by others. */
  readonly strange: number;
  readonly faults: readonly string[];
}

export function judgeEvents(
  bench: Bench,
  {
    due,
    operation,
    viewer,
    isOwn,
  }: {
    readonly due: Reading;
    readonly operation: Operation;
    readonly viewer: Viewer;
    readonly isOwn: boolean;
  },
): Judgement {
  const events = eventsOf(operation);
  const expected = bench.published.filter((probe) => isDue(due, probe));
  const ids = probeIdsOf(bench, operation);
  const strange = events.filter(({ id }) => !bench.probes.isProbe(id));
  const leaked = ids.filter((id) => !expected.some((probe) => probe.id === id));
  const faults = [
    ...leaked.map((id) => `got an event that is not due: ${describeProbe(bench.published, id)}`),
    ...(isOwn ? [] : strange.filter((event) => !unitsIn(event).every((unit) => maySee(viewer, unit)))).map(
      () => 'got an event of another unit, which was not published by this validation',
    ),
    ...(leaked.length > 0 ? [] : findGaps(ids, expected)),
  ];
  return { count: events.length, strange: strange.length, faults };
}

/** Events must come in order, each once, and none may be missing from the first one on. Of snapshots only the newest must come. */
function findGaps(ids: readonly string[], expected: readonly Probe[]): readonly string[] {
  const last = expected.at(-1);
  if (last === undefined) return [];
  if (ids.length === 0) return ['got none of the events'];
  const from = expected.findIndex(({ id }) => id === ids[0]);
  const due = expected.slice(from).map(({ id }) => id);
  if (last.kind.isNewestOnly) {
    const positions = ids.map((id) => due.indexOf(id));
    const isInOrder = positions.every(
      (position, index) => index === 0 || position > (positions[index - 1] ?? -1),
    );
    return [
      ...(isInOrder ? [] : ['snapshots came in another order, or twice']),
      ...(ids.at(-1) === last.id ? [] : ['the newest snapshot did not come']),
    ];
  }
  if (isDeepStrictEqual(ids, due)) return [];
  const missing = due.filter((id) => !ids.includes(id)).length;
  return [
    missing > 0
      ? `${missing} of ${due.length} events did not come`
      : 'events came in another order, or twice',
  ];
}

/** The units that an event names, wherever they are in what is about it. */
function unitsIn(event: Values): readonly unknown[] {
  const own = 'unitId' in event ? [event['unitId']] : [];
  const nested = Object.values(event)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isRecord)
    .flatMap((entity) => ('unitId' in entity && entity['unitId'] !== null ? [entity['unitId']] : []));
  return [...own, ...nested];
}

function describeProbe(published: readonly Probe[], id: string): string {
  const probe = published.find((one) => one.id === id);
  if (probe === undefined) return 'one that was not published in this way';
  const { channel, unitId } = probe;
  const to =
    'userId' in channel
      ? `to user ${channel.userId}`
      : 'all' in channel
        ? 'of all units'
        : `to unit ${channel.unitId}`;
  return `${channel.kind} ${to}, of unit ${unitId}`;
}

/** The events whose content is not what the viewer must get, and where they differ. */
export function findDifferences(
  { domain: { schema }, published }: Bench,
  operation: Operation,
  viewer: Viewer,
): readonly { readonly probe: Probe; readonly where: string | undefined }[] {
  return eventsOf(operation).flatMap((event) => {
    const probe = published.find(({ id }) => id === event['id']);
    if (probe === undefined) return [];
    const due = visiblePart(schema, probe.kind.type, probe.event, viewer);
    return [{ probe, where: differenceOf(event, due, '') }];
  });
}

/** The path of the first difference. The values are not named. */
function differenceOf(got: unknown, due: unknown, path: string): string | undefined {
  if (isRecord(got) && isRecord(due)) {
    for (const key of new Set([...Object.keys(got), ...Object.keys(due)])) {
      const found = differenceOf(got[key], due[key], path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return Array.isArray(got) === Array.isArray(due) ? undefined : path;
  }
  return isDeepStrictEqual(got, due) ? undefined : path;
}
