import { type GraphQLSchema, getNamedType, isEnumType, isRequiredArgument, Kind, parse } from 'graphql';
import {
  answeredFieldsOf,
  constantName,
  isList,
  type LiveField,
  liveFieldsOf,
  upperFirst,
} from './schema.ts';

const HEAD = '/* Generated from schema.graphql and the files in kinds/ by npm run generate. */\n';

/** A file in `client/src/kinds/`: its name without `.ts` is the kind's. */
export interface KindFile {
  readonly name: string;
  readonly text: string;
}

/** Writes how each subscription is followed, and what its data are as a change. */
export function subscriptionsOf(schema: GraphQLSchema): string {
  const followable = liveFieldsOf(schema).filter(
    ({ field }) => field.args.some(({ name }) => name === 'unitId') && !field.args.some(isRequiredArgument),
  );
  return `${HEAD}import { subscriptionTo } from '../query/kind.ts';
import * as Operations from './operations.ts';
import * as Shapes from './shapes.ts';
${followable.map(subscriptionOf).join('')}`;
}

function subscriptionOf({ field, type, entity, entityField }: LiveField): string {
  const { name } = field;
  const of = (wanted: string, expression: string, otherwise: string): string =>
    type.getFields()[wanted] === undefined || entityField === undefined ? otherwise : expression;
  // An action that is no enum is free text, which says nothing of what became of a row.
  const action = type.getFields()['action'];
  const hasActions = action !== undefined && isEnumType(getNamedType(action.type));
  const entities =
    entityField === undefined
      ? '[event]'
      : isList(entityField)
        ? `event.${entityField.name}`
        : `[event.${entityField.name}]`;
  return `
export const ${name} = /*#__PURE__*/ subscriptionTo(Operations.${upperFirst(name)}Document, {
  shape: Shapes.${constantName(entity.name)},
  isState: ${entityField === undefined},
  toChange: ({ ${name}: event }) => ({
    id: event.id,
    action: ${hasActions ? of('action', 'event.action', "''") : "''"},
    actor: ${of('actor', 'event.actor', 'null')},
    occurredAt: ${of('occurredAt', 'Date.parse(event.occurredAt)', '0')},
    version: ${of('version', 'event.version', 'null')},
    entities: ${entities},
  }),
});
`;
}

/** Writes the names of the subscriptions that deliver a state, which replaces the one before, and not events. */
export function statesOf(schema: GraphQLSchema): string {
  const states = liveFieldsOf(schema)
    .filter(({ entityField }) => entityField === undefined)
    .map(({ field }) => field.name);
  const names = [...states, ...answeredFieldsOf(schema)].map((name) => `'${name}'`);
  return `${HEAD}
export const STATES: ReadonlySet<string> = /*#__PURE__*/ new Set([${names.join(', ')}]);
`;
}

/** `send-backs` → `sendBacks` */
const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Writes the table of all kinds. */
export function kindsOf(files: readonly KindFile[]): string {
  const names = files.map(({ name }) => camelCase(name));
  return `${HEAD}${files.map(({ name }) => `import { ${camelCase(name)} } from '../kinds/${name}.ts';\n`).join('')}
export const KINDS = { ${names.join(', ')} };

/** What can be followed. */
export type LiveKind = keyof typeof KINDS;
`;
}

/** Writes a hook for each kind. The comment above the kind is its documentation. */
export function liveHooksOf(files: readonly KindFile[]): string {
  return `${HEAD}'use client';

import { type LiveQueries, type LiveQueriesOptions, type Unit, useLiveQueries } from '../query/use-live-queries.ts';
${files.map(hookOf).join('')}`;
}

function hookOf({ name, text }: KindFile): string {
  const kind = camelCase(name);
  const [before, after] = text.split(new RegExp(`^export const ${kind}\\b`, 'm'));
  const start = before?.lastIndexOf('/**') ?? -1;
  if (before === undefined || after === undefined || start < 0 || !before.endsWith('*/\n'))
    throw new Error(`kinds/${name}.ts exports no ${kind} with a comment that says what its hook does.`);
  return `
${before.slice(start)}export function useLive${upperFirst(kind)}(unitId?: Unit, options?: LiveQueriesOptions): LiveQueries {
  return useLiveQueries('${kind}', unitId, options);
}
`;
}

/**
 * Writes what the package exports of all this. The hooks one by one, since their file also exports helpers.
 * @param documents all operations, written by hand and generated.
 */
export function indexOf(documents: readonly string[]): string {
  const hooks = documents
    .flatMap((text) => parse(text).definitions)
    .flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? [`use${definition.name?.value}${upperFirst(definition.operation)}`]
        : [],
    );
  return `${HEAD}export {
${hooks
  .toSorted()
  .map((hook) => `  ${hook},\n`)
  .join('')}} from './hooks.ts';
export type { LiveKind } from './kinds.ts';
export * from './live-hooks.ts';
export * from './operations.ts';
`;
}
