/** What the SDL says of `whileAway`: which kinds have lines, and how a line is made of their events. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { EventKind, EventKinds } from './kinds.ts';
import { readDirective } from './sdl.ts';

type Field = GraphQLField<unknown, unknown>;

/** The types of a query with `@whileAway`. */
export interface WhileAwayTypes {
  readonly field: ReturnType<GraphQLObjectType['getFields']>[string];
  /** What the query answers. */
  readonly answer: GraphQLObjectType;
  readonly line: GraphQLObjectType;
}

/** A kind whose events are folded into lines. */
export interface FoldedKind {
  readonly kind: EventKind;
  /** The field of a line that holds the thing. */
  readonly fieldName: string;
}

/** What `@whileAway` stands at, as far as its types can be read. */
export function whileAwayTypes(schema: GraphQLSchema): readonly WhileAwayTypes[] {
  return Object.values(schema.getQueryType()?.getFields() ?? {}).flatMap((field) => {
    if (readDirective(schema, field, 'whileAway') === undefined) return [];
    const answer = getNamedType(field.type);
    const lines = isObjectType(answer) ? answer.getFields()['lines'] : undefined;
    const line = lines === undefined ? undefined : getNamedType(lines.type);
    return isObjectType(answer) && isObjectType(line) ? [{ field, answer, line }] : [];
  });
}

/** The kind that a field of a line is for, as `@folded` names it. */
export function foldedKindOf(schema: GraphQLSchema, field: Field): string | undefined {
  const kind = readDirective(schema, field, 'folded')?.['kind'];
  return typeof kind === 'string' ? kind : undefined;
}

/** The kinds that a line can have, in a schema without faults (away-faults.ts). */
export function foldedKinds(
  schema: GraphQLSchema,
  line: GraphQLObjectType,
  kinds: EventKinds,
): readonly FoldedKind[] {
  return Object.values(line.getFields()).flatMap((field) => {
    const kind = kinds.get(foldedKindOf(schema, field) ?? '');
    return kind === undefined ? [] : [{ kind, fieldName: field.name }];
  });
}

/** `[Line!]!` */
export function isWholeList({ type }: Field): boolean {
  const list = isNonNullType(type) ? type.ofType : undefined;
  return isListType(list) && isNonNullType(list.ofType);
}
