import type { GraphQLSchema } from 'graphql';
import {
  type Field,
  fieldsOf,
  isGuarded,
  isList,
  type LiveField,
  liveFieldsOf,
  upperFirst,
  wordsOf,
} from './schema.ts';

/** Writes the table of what each subscription delivers, for the client's README. */
export function eventsTableOf(schema: GraphQLSchema): string {
  const rows = liveFieldsOf(schema).map(
    (live) => `| \`${upperFirst(live.field.name)}\` | ${contentOf(live)} |`,
  );
  return ['| document | data |', '|---|---|', ...rows].join('\n');
}

function contentOf({ field, type, entityField, entity }: LiveField): string {
  const path = entityField === undefined ? field.name : `${field.name}.${entityField.name}`;
  const open = fieldsOf(entity).filter((one) => !isGuarded(one));
  const guarded = fieldsOf(entity).filter(isGuarded);
  const action = type.getFields()['action'];
  const actions = action === undefined ? undefined : wordsOf(action);
  return [
    `\`${path}\`${entityField !== undefined && isList(entityField) ? ', a list' : ''}: ${open.map(describeField).join(', ')}`,
    ...(guarded.length > 0
      ? [`; \`${upperFirst(field.name)}InFull\` also ${guarded.map(describeField).join(', ')}`]
      : []),
    ...(actions === undefined ? [] : [`. Actions: ${actions.map(code).join(', ')}`]),
    ...(entityField === undefined
      ? ['. A snapshot, without action: the newest at once, then each newer one']
      : []),
  ].join('');
}

/** `` `status` (`PENDING`, `APPROVED`) `` */
function describeField(field: Field): string {
  const words = wordsOf(field);
  return words === undefined ? code(field.name) : `${code(field.name)} (${words.map(code).join(', ')})`;
}

const code = (name: string): string => `\`${name}\``;
