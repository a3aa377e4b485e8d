/** Whether a query with `@whileAway` can be answered, and its lines show nothing that a subscription would not. */
import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { type Field, type Inspection, rootTypes } from './inspection.ts';
import { entityFieldOf, subscriptionFields, topicRule } from './kinds.ts';
import { readDirective } from './sdl.ts';
import { foldedKindOf, isWholeList, type WhileAwayTypes, whileAwayTypes } from './while-away.ts';

type Shape = Readonly<Record<string, string>>;

const ARGUMENTS: Shape = {
  unitId: 'ID',
  sinceMs: 'Float!',
  kinds: '[String!]',
  first: 'Int',
  includeOwn: 'Boolean',
};
const ANSWER: Shape = { knownFrom: 'DateTime!', until: 'DateTime!', isWhole: 'Boolean!', more: 'Int!' };
const LINE: Shape = {
  kind: 'String!',
  entityId: 'ID!',
  actions: '[String!]!',
  events: 'Int!',
  eventIds: '[ID!]!',
  statusBefore: 'String',
  statusNow: 'String',
  firstAt: 'DateTime!',
  lastAt: 'DateTime!',
  isNew: 'Boolean!',
  isDeleted: 'Boolean!',
  isMine: 'Boolean!',
};

export function findAwayFaults(inspection: Inspection): void {
  const { schema, fault } = inspection;
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  const asked = fields.filter((field) => readDirective(schema, field, 'whileAway') !== undefined);
  if (asked.length > 1) fault('Query', 'has more than one @whileAway: write one.');
  const [field] = asked;
  const [types] = whileAwayTypes(schema);
  if (field === undefined) return;
  if (types === undefined || !isWholeList(types.answer.getFields()['lines'] ?? field)) {
    fault(`Query.${field.name}`, 'answers no lines: write a type with lines: [WhileAwayLine!]!.');
    return;
  }
  checkAsked(inspection, types);
  checkShape(inspection, types.answer.name, types.answer.getFields(), { ...ANSWER, lines: '' });
  checkLine(inspection, types, kindsOf(schema));
  checkWays(inspection, types);
}

function checkAsked({ has, fault }: Inspection, { field, answer }: WhileAwayTypes): void {
  const where = `Query.${field.name}`;
  const args = Object.fromEntries(field.args.map((argument) => [argument.name, argument]));
  for (const name of new Set([...Object.keys(ARGUMENTS), ...Object.keys(args)]))
    if (String(args[name]?.type ?? '') !== (ARGUMENTS[name] ?? 'none'))
      fault(`${where}(${name}:)`, writeInstead(name, ARGUMENTS[name]));
  if (String(field.type) !== `${answer.name}!`) fault(where, `is always answered: write ${answer.name}!.`);
  if (!has(field, 'unitScope'))
    fault(where, 'reads the topics of a unit, and has no rule whose: write @unitScope.');
}

/** Each field has the type that the server answers; `''` is looked at elsewhere. */
function checkShape(
  { fault }: Inspection,
  owner: string,
  fields: Readonly<Record<string, Field>>,
  shape: Shape,
): void {
  for (const name of new Set([...Object.keys(shape), ...Object.keys(fields)])) {
    const due = shape[name];
    if (due !== '' && String(fields[name]?.type ?? '') !== (due ?? 'none'))
      fault(`${owner}.${name}`, writeInstead(name, due));
  }
}

const writeInstead = (name: string, due: string | undefined): string =>
  due === undefined
    ? 'is answered by nobody: leave it out.'
    : `is answered by the server: write ${name}: ${due}.`;

interface Kind {
  readonly type: GraphQLObjectType;
  readonly isNewestOnly: boolean;
  readonly needsRole: boolean;
}

/** The kinds by name, also of a schema with faults. */
function kindsOf(schema: GraphQLSchema): ReadonlyMap<string, Kind> {
  return new Map(
    subscriptionFields(schema).flatMap((field) => {
      const type = getNamedType(field.type);
      const rule = topicRule(schema, field);
      const needsRole = readDirective(schema, field, 'requiresRole') !== undefined;
      return rule !== undefined && isObjectType(type) ? [[rule.kind, { ...rule, type, needsRole }]] : [];
    }),
  );
}

function checkLine(inspection: Inspection, { line }: WhileAwayTypes, kinds: ReadonlyMap<string, Kind>): void {
  const { schema, has, fault } = inspection;
  const fields = line.getFields();
  const folded = Object.values(fields).filter((field) => foldedKindOf(schema, field) !== undefined);
  if (folded.length === 0) fault(line.name, 'is about nothing: write a field with @folded(kind: "…").');
  const actor = actorOf(kinds);
  const special = Object.fromEntries(folded.map(({ name }) => [name, '']));
  checkShape(inspection, line.name, fields, { ...LINE, ...special, ...(fields['actor'] && actor) });
  const known = new Set<string>();
  for (const field of folded) {
    const where = `${line.name}.${field.name}`;
    const name = foldedKindOf(schema, field) ?? '';
    const kind = kinds.get(name);
    if (kind === undefined || kind.isNewestOnly) {
      fault(where, `is for "${name}", which is no kind of events: write a kind without newestOnly.`);
      continue;
    }
    if (known.has(name)) fault(where, `is for "${name}", as another field is: write one.`);
    known.add(name);
    if (kind.needsRole) fault(where, `is for "${name}", which not every role may see: leave it out.`);
    const entityField = entityFieldOf(schema, kind.type);
    const due = entityField === undefined ? kind.type.name : getNamedType(entityField.type).name;
    if (String(field.type) !== due) fault(where, `holds what "${name}" is about: write ${due}.`);
    if (!has(field, 'topicEntity'))
      fault(where, 'is authorized by the topic of its events: write @topicEntity.');
  }
}

/** Who did something, if the events say it; then all that do say it alike. */
function actorOf(kinds: ReadonlyMap<string, Kind>): Shape {
  const types = [...kinds.values()].flatMap(({ type }) => {
    const actor = type.getFields()['actor'];
    return actor !== undefined && isObjectType(getNamedType(actor.type))
      ? [getNamedType(actor.type).name]
      : [];
  });
  return types[0] === undefined ? {} : { actor: types[0] };
}

/** A line is guarded by its query alone: nothing else may lead to it. */
function checkWays({ schema, fault }: Inspection, { field, answer, line }: WhileAwayTypes): void {
  const allowed = new Set([field, answer.getFields()['lines']]);
  const types = [...rootTypes(schema), ...Object.values(schema.getTypeMap()).filter(isObjectType)];
  for (const type of new Set(types))
    for (const other of Object.values(type.getFields())) {
      const target = getNamedType(other.type);
      if ((target === answer || target === line) && !allowed.has(other))
        fault(
          `${type.name}.${other.name}`,
          `leads to ${target.name}, which is guarded at Query.${field.name} only: leave it out.`,
        );
    }
}
