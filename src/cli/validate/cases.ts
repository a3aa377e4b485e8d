/** Viewers × fields × units, from the schema: what each asks, and what is right. */
import { type GraphQLField, isListType, isNonNullType } from 'graphql';
import { type EventKind, ownTopicArgument, subscriptionFields, topicRule } from '../../events/kinds.ts';
import { readPath } from '../../events/paths.ts';
import { readDirective } from '../../events/sdl.ts';
import { requiredRole } from '../../graphql/directives.ts';
import type { Bench } from './bench.ts';
import { disguises, guardedPaths, guardedSelections, requestOf, selectAll } from './documents.ts';
import type { OperationRequest, Values } from './operation.ts';
import { type Due, judge, type Reading } from './oracle.ts';
import { seesAllUnits, type Viewer } from './people.ts';
import type { RequirementId } from './requirements.ts';

type Field = GraphQLField<unknown, unknown>;

export interface Case {
  readonly requirement: RequirementId;
  readonly what: string;
  readonly viewer: Viewer;
  readonly field: string;
  readonly kind: EventKind;
  readonly request: OperationRequest;
  readonly due: Due;
  /** Whether what is addressed to the viewer is read: of any unit. */
  readonly isOwn: boolean;
  /** Whether it selects all that the viewer may see, so that the content of events can be compared. */
  readonly isWhole: boolean;
  /** Whether it is tried over each transport, and not over some of them. */
  readonly isForAll: boolean;
}

/** Units that can be none. Redis would take some of them for patterns, or for other names. */
const MALFORMED = ['*', '?', '[a-z]', '', ' ', 'T1:unit', 'T1\n', '%', 'T'.repeat(65)];

/** A unit that nobody belongs to. */
export const MADE_UP_UNIT = 'validate-nobody';

export function casesOf(bench: Bench, viewer: Viewer): readonly Case[] {
  const { schema, kinds } = bench.domain;
  return subscriptionFields(schema).flatMap((field) => {
    const kind = kinds.get(topicRule(schema, field)?.kind ?? '');
    return kind === undefined ? [] : casesOfField(bench, viewer, field, kind);
  });
}

function casesOfField(bench: Bench, viewer: Viewer, field: Field, kind: EventKind): readonly Case[] {
  const { domain, people } = bench;
  const { schema } = domain;
  const own = ownTopicArgument(schema, field);
  const role = requiredRole(schema, field);
  const units = [...new Set([...people.probeUnits, ...people.viewers.flatMap(({ unitId }) => unitId ?? [])])];
  const selection = selectAll(schema, kind.type, viewer.classes);

  function dueFor(unitId: string | null, isOwn: boolean): Due {
    return judge(viewer, { kind: kind.kind, unitId, isOwn, hasTogether: kind.hasTogether, role });
  }

  function ask(unitId: string | null, isOwn: boolean, more: Values = {}): Omit<Case, 'requirement' | 'what'> {
    const values = {
      ...(unitId !== null && { unitId }),
      ...(own !== undefined && isOwn && { [own]: true }),
      ...more,
    };
    const due = dueFor(unitId, isOwn);
    return {
      viewer,
      field: field.name,
      kind,
      isOwn,
      due,
      isWhole: true,
      isForAll: true,
      // A field that is refused for its role has no selection that could be allowed.
      request: requestOf('subscription', field, values, due.codes === undefined ? selection : '{ id }'),
    };
  }

  const plain = [null, ...units, MADE_UP_UNIT].flatMap((unitId) =>
    (own === undefined ? [false] : [false, true]).flatMap((isOwn): Case[] => {
      const asked = ask(unitId, isOwn);
      const requirement = requirementOf(viewer, asked.due, isOwn, role !== undefined);
      // Of a unit that nothing may be published to nothing could be shown.
      if (asked.due.codes === undefined && unitId !== null && !people.probeUnits.includes(unitId)) return [];
      return [{ ...asked, requirement, what: describe(field.name, unitId, isOwn) }];
    }),
  );
  const malformed = MALFORMED.map((unitId, index): Case => {
    const what = `${field.name} of the unit ${JSON.stringify(unitId.slice(0, 12))}`;
    return { ...ask(unitId, false), requirement: 'ISO-3', what, isForAll: index < 2 };
  });
  return [
    ...plain,
    ...malformed,
    ...disguised(viewer, field, kind, units, dueFor),
    ...guarded(bench, viewer, field, kind, dueFor),
    ...filtered(bench, field, (values) => ask(null, false, values)),
  ];
}

/** Another unit, asked for in ways that a check of the plain argument could miss. */
function disguised(
  viewer: Viewer,
  field: Field,
  kind: EventKind,
  units: readonly string[],
  dueFor: (unitId: string | null, isOwn: boolean) => Due,
): readonly Case[] {
  const other = units.find((unit) => unit !== viewer.unitId);
  if (other === undefined) return [];
  const due = dueFor(other, false);
  if (due.codes === undefined) return [];
  return disguises(field, other).map(({ how, ...request }) => ({
    requirement: 'ISO-2',
    what: `${field.name} of the unit ${other}, ${how}`,
    viewer,
    field: field.name,
    kind,
    request,
    due,
    isOwn: false,
    isWhole: false,
    isForAll: false,
  }));
}

/** Fields within events that need a role which the viewer does not have. */
function guarded(
  { domain: { schema } }: Bench,
  viewer: Viewer,
  field: Field,
  kind: EventKind,
  dueFor: (unitId: string | null, isOwn: boolean) => Due,
): readonly Case[] {
  if (dueFor(null, false).codes !== undefined && requiredRole(schema, field) === undefined) return []; // refused anyway
  return guardedPaths(schema, kind.type)
    .filter(({ role }) => !viewer.classes.includes(role))
    .flatMap((guard) =>
      guardedSelections(guard, schema, kind.type).map(
        ({ how, selection, variables, declared }): Case => ({
          requirement: 'ISO-8',
          what: `${field.name} with ${guard.path.join('.')}, ${how}`,
          viewer,
          field: field.name,
          kind,
          request: { query: `subscription${declared} { ${field.name} ${selection} }`, variables },
          due: { codes: ['FORBIDDEN'] },
          isOwn: false,
          isWhole: false,
          isForAll: how === 'plainly',
        }),
      ),
    );
}

/** Each filter, with the value that events of the variant `own` have. */
function filtered(
  { domain: { schema }, probes }: Bench,
  field: Field,
  ask: (values: Values) => Omit<Case, 'requirement' | 'what'>,
): readonly Case[] {
  const kind = ask({}).kind;
  const sample = probes.sample(kind);
  return field.args.flatMap((argument): Case[] => {
    const by = readDirective(schema, argument, 'filter')?.['by'];
    if (typeof by !== 'string') return [];
    const read = readPath(by);
    const value = read(sample);
    const isList = isListType(isNonNullType(argument.type) ? argument.type.ofType : argument.type);
    const asked = ask({ [argument.name]: isList ? [value] : value });
    if (asked.due.codes !== undefined) return [];
    const due: Reading = { ...asked.due, wants: (event) => read(event) === value };
    const what = `${field.name} with the filter ${argument.name}`;
    const empty: Case = {
      ...asked,
      request: requestOf('subscription', field, { [argument.name]: [] }, '{ id }'),
      requirement: 'ISO-7',
      what: `${field.name} with no value for ${argument.name}`,
      due: { codes: ['BAD_USER_INPUT'] },
      isForAll: false,
    };
    return [{ ...asked, due, requirement: 'ISO-7', what, isForAll: false }, ...(isList ? [empty] : [])];
  });
}

function requirementOf(viewer: Viewer, { codes }: Due, isOwn: boolean, hasRole: boolean): RequirementId {
  if (codes !== undefined) {
    if (hasRole && codes.length > 0 && !seesAllUnits(viewer)) return 'ISO-8';
    return viewer.unitId === null ? 'ISO-5' : 'ISO-2';
  }
  if (isOwn) return 'ISO-6';
  return seesAllUnits(viewer) ? 'ISO-4' : 'ISO-1';
}

const describe = (field: string, unitId: string | null, isOwn: boolean): string =>
  `${field}${isOwn ? ', what is addressed to the viewer' : ''}${unitId === null ? '' : ` of the unit ${unitId}`}`;
