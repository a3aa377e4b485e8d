import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getOperationAST,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import { type TopicRule, topicRule } from '../events/kinds.ts';
import { isRecord } from '../events/paths.ts';
import type { Context } from './context.ts';
import { narrowingOf } from './directives.ts';
import { isSelected } from './variables.ts';

/**
 * Reads what a document selects out of the data of an event, as graphql-js would: the same fields in the same order. Throws where
 * graphql-js would report an error.
 */
export type Read = (value: unknown, context: Context) => unknown;

/** A subscription whose fields all come straight from the data of its event. */
export interface PlainSelection {
  /** What the schema says of the events. */
  readonly rule: TopicRule;
  /** The name of the field in the answer. */
  readonly key: string;
  readonly read: Read;
}

/** An operation, and the schema that it was checked with. */
type Compiled = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName'>;

/** Something is unusual, in a document or in data: graphql-js knows what it means. */
const UNUSUAL = new Error('neither a plain document nor plain data');

function giveUp(): never {
  throw UNUSUAL;
}

/** Finds the plain selection of an operation; `undefined`: graphql-js must execute it. Each operation is compiled once. */
export function compileSelections(): (operation: Compiled) => PlainSelection | undefined {
  const known = new WeakMap<OperationDefinitionNode, { readonly plain: PlainSelection | undefined }>();
  return ({ schema, document, operationName }) => {
    const operation = getOperationAST(document, operationName);
    if (operation == null) return undefined;
    const compiled = known.get(operation) ?? { plain: compile(schema, document, operation) };
    known.set(operation, compiled);
    return compiled.plain;
  };
}

function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): PlainSelection | undefined {
  const root = schema.getSubscriptionType();
  if (root == null || operation.operation !== 'subscription') return undefined;
  const collect = collector(document);
  try {
    const [first, ...others] = collect(root, [operation.selectionSet.selections]);
    const [key, nodes = []] = first ?? [];
    const field = root.getFields()[nodes[0]?.name.value ?? ''];
    const rule = field && topicRule(schema, field);
    if (key === undefined || field === undefined || rule === undefined || others.length > 0) return undefined;
    return { rule, key, read: readType(field.type, nodes, collect) };
  } catch (error) {
    if (error === UNUSUAL) return undefined;
    throw error;
  }
}

/** Collects the selections of an object: the nodes that are merged into each field of the answer, by its name there. */
type Collect = (
  type: GraphQLObjectType,
  sets: readonly (readonly SelectionNode[])[],
) => ReadonlyMap<string, readonly FieldNode[]>;

/**
 * No more fields than the document has tokens: it may spread its fragments so often that its selection takes much more memory than the
 * document, for which alone the cache of documents has counted.
 */
function collector({ definitions, tokenCount = Number.POSITIVE_INFINITY }: DocumentNode): Collect {
  let fieldsLeft = tokenCount;
  const fragments = new Map(
    definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );

  return (type, sets) => {
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();

    function add(selections: readonly SelectionNode[]): void {
      for (const node of selections) {
        if (!isLeftIn(node)) continue;
        if (node.kind === Kind.FIELD) addField(node);
        else if (node.kind === Kind.FRAGMENT_SPREAD) addFragment(node.name.value);
        else if ((node.typeCondition?.name.value ?? type.name) === type.name)
          add(node.selectionSet.selections);
        else giveUp();
      }
    }

    function addField(node: FieldNode): void {
      const key = (node.alias ?? node.name).value;
      const nodes = fields.get(key);
      if (key === '__proto__') giveUp(); // no name for an object's property
      if (nodes !== undefined) return void nodes.push(node);
      fieldsLeft -= 1;
      if (fieldsLeft < 0) giveUp();
      fields.set(key, [node]);
    }

    function addFragment(name: string): void {
      const fragment = fragments.get(name);
      if (fragment?.typeCondition.name.value !== type.name) giveUp();
      else if (!spread.has(name)) {
        spread.add(name);
        add(fragment.selectionSet.selections);
      }
    }

    for (const selections of sets) add(selections);
    return fields;
  };
}

/** By `@skip` and `@include`, where they hang on no variable: so that all who send this document have the same selection. */
function isLeftIn({ directives = [] }: SelectionNode): boolean {
  if (directives.length === 0) return true;
  const isVaried = directives.some((directive) =>
    directive.arguments?.some(({ value }) => value.kind === Kind.VARIABLE),
  );
  return isVaried ? giveUp() : isSelected(directives, {});
}

function readType(type: GraphQLOutputType, nodes: readonly FieldNode[], collect: Collect): Read {
  if (!isNonNullType(type)) return readNullable(type, nodes, collect);
  const read = readNullable(type.ofType, nodes, collect);
  return (value, context) => read(value, context) ?? giveUp();
}

function readNullable(type: GraphQLOutputType, nodes: readonly FieldNode[], collect: Collect): Read {
  if (isListType(type)) return readList(readType(type.ofType, nodes, collect));
  if (isObjectType(type)) return readObject(type, nodes, collect);
  if (!isLeafType(type)) return giveUp();
  return (value) => (value == null ? null : (type.serialize(value) ?? giveUp()));
}

function readList(readItem: Read): Read {
  return (value, context) => {
    if (value == null) return null;
    return Array.isArray(value) ? value.map((item) => readItem(item, context)) : giveUp();
  };
}

function readObject(type: GraphQLObjectType, nodes: readonly FieldNode[], collect: Collect): Read {
  if (type.isTypeOf != null) giveUp();
  const sets = nodes.map(({ selectionSet }) => selectionSet?.selections ?? []);
  const fields = [...collect(type, sets)].map(([key, merged]) => ({
    key,
    read: readField(type, merged, collect),
  }));
  return (value, context) => {
    if (value == null) return null;
    if (!isRecord(value)) return giveUp();
    const answer: Record<string, unknown> = {};
    for (const { key, read } of fields) answer[key] = read(value, context);
    return answer;
  };
}

/** Reads a field of an object. */
function readField(
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  collect: Collect,
): (object: Readonly<Record<string, unknown>>, context: Context) => unknown {
  const name = nodes[0]?.name.value ?? '';
  if (name === '__typename') return () => type.name;
  const field = type.getFields()[name];
  if (field === undefined || field.args.length > 0) return giveUp();
  const read = readType(field.type, nodes, collect);
  if (field.resolve === undefined) return (object, context) => read(object[name], context);
  const narrow = narrowingOf(field.resolve) ?? giveUp();
  return (object, context) => read(narrow(object[name], context), context);
}
