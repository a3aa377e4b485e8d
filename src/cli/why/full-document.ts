import {
  type DocumentNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  parse,
} from 'graphql';
import type { RoleClass } from '../../auth/access.ts';
import { requiredRole } from '../../graphql/directives.ts';

type Field = GraphQLField<unknown, unknown>;

interface GuardedPath {
  readonly path: string;
  readonly role: RoleClass;
}

/** A subscription to everything that a field can show. */
export interface FullDocument {
  readonly document: DocumentNode;
  /** The fields left out, since each needs a role and would refuse the whole operation: `entry.ipAddress`. */
  readonly guarded: readonly GuardedPath[];
}

/** @param names which of its arguments are passed, as variables of their own names. */
export function fullDocument(schema: GraphQLSchema, field: Field, names: readonly string[]): FullDocument {
  const guarded: GuardedPath[] = [];

  function selectionOf(type: GraphQLObjectType, path: string): string {
    const fields = Object.values(type.getFields()).flatMap((inner) => {
      const role = requiredRole(schema, inner);
      const here = path === '' ? inner.name : `${path}.${inner.name}`;
      if (role !== undefined) guarded.push({ path: here, role });
      return role === undefined ? [selectField(inner, here)] : [];
    });
    return `{ ${fields.join(' ')} }`;
  }

  // The types of messages do not contain themselves (validators.ts).
  function selectField({ name, type }: Field, path: string): string {
    const target = getNamedType(type);
    return isObjectType(target) ? `${name} ${selectionOf(target, path)}` : name;
  }

  const used = field.args.filter(({ name }) => names.includes(name));
  const variables = used.map(({ name, type }) => `$${name}: ${type}`);
  const passed = used.map(({ name }) => `${name}: $${name}`);
  const target = getNamedType(field.type);
  const selection = isObjectType(target) ? selectionOf(target, '') : '';
  const document = parse(
    `subscription ${inBrackets(variables)} { ${field.name} ${inBrackets(passed)} ${selection} }`,
  );
  return { document, guarded };
}

const inBrackets = (parts: readonly string[]): string => (parts.length === 0 ? '' : `(${parts.join(', ')})`);
