import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { ErrorCode } from '../errors.ts';

export interface DocumentLimits {
  /** How many tokens a document may have. */
  readonly maxTokens: number;
  /** How many tokens the document of a client that has not signed in may have. */
  readonly maxAnonymousTokens: number;
  /** How deep its fields may be nested; introspection is not counted, it has a limit of its own. */
  readonly maxDepth: number;
  /** How many fields, fragments and spreads it may select with all its fragments spread: what an execution may cost at most. */
  readonly maxFields: number;
  /** How much memory the documents of signed-in clients may take in the cache, in bytes. */
  readonly cacheBytes: number;
}

interface Extent {
  readonly depth: number;
  readonly fields: number;
  /** How deep lists of the schema's elements are nested, as introspection has them. */
  readonly lists: number;
  readonly hasAlias: boolean;
  /** A `__schema` or `__type` in it asks for too much. */
  readonly isIntrospectingTooMuch: boolean;
}

const NOTHING: Extent = { depth: 0, fields: 0, lists: 0, hasAlias: false, isIntrospectingTooMuch: false };

/** The lists that lead from one type to others: nested, each multiplies what the answer costs. */
const LISTS_OF_TYPES = new Set(['fields', 'interfaces', 'possibleTypes', 'inputFields']);

/**
 * Finds what a document asks too much of. It costs less than the rules of GraphQL, so that it comes before them.
 *
 * Introspection: the standard query nests such lists once, and has no alias. That bounds the answer by the size of the schema;
 * an alias, or one list in another, would multiply it.
 */
export function findExcess(
  document: DocumentNode,
  { maxDepth, maxFields }: DocumentLimits,
): GraphQLError | undefined {
  const measure = createMeasure(document);
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, fields, isIntrospectingTooMuch } = measure(node.selectionSet);
    if (depth > maxDepth) return tooMuch(`Nest fields at most ${maxDepth} levels deep.`);
    if (fields > maxFields) return tooMuch(`Select at most ${maxFields} fields, fragments included.`);
    if (isIntrospectingTooMuch)
      return tooMuch(
        'Introspect without aliases, and without fields of fields: ask for one type after the other.',
      );
  }
  return undefined;
}

export function tooMuch(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED' satisfies ErrorCode } });
}

/** Measures each fragment once, however often it is spread. A cycle, which a rule of GraphQL reports, counts as nothing. */
function createMeasure(document: DocumentNode): (selectionSet: SelectionSetNode) => Extent {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const measured = new Map<string, Extent>();

  function measureFragment(name: string): Extent {
    const known = measured.get(name);
    if (known !== undefined) return known;
    measured.set(name, NOTHING);
    const extent = measure(fragments.get(name)?.selectionSet);
    measured.set(name, extent);
    return extent;
  }

  function measureSelection(node: SelectionNode): Extent {
    if (node.kind === Kind.FIELD) return measureField(node, measure(node.selectionSet));
    return node.kind === Kind.FRAGMENT_SPREAD ? measureFragment(node.name.value) : measure(node.selectionSet);
  }

  function measure(selectionSet: SelectionSetNode | undefined): Extent {
    if (selectionSet === undefined) return NOTHING;
    let { depth, fields, lists, hasAlias, isIntrospectingTooMuch } = NOTHING;
    for (const node of selectionSet.selections) {
      const inner = measureSelection(node);
      depth = Math.max(depth, inner.depth);
      fields += inner.fields + 1;
      lists = Math.max(lists, inner.lists);
      hasAlias ||= inner.hasAlias;
      isIntrospectingTooMuch ||= inner.isIntrospectingTooMuch;
    }
    return { depth, fields, lists, hasAlias, isIntrospectingTooMuch };
  }

  return measure;
}

/** A field, with what is in it. */
function measureField({ name, alias }: FieldNode, inner: Extent): Extent {
  const isIntrospection = name.value.startsWith('__');
  const isRoot = name.value === '__schema' || name.value === '__type';
  const hasAlias = inner.hasAlias || alias !== undefined;
  return {
    ...inner,
    depth: isIntrospection ? 1 : inner.depth + 1,
    lists: inner.lists + (LISTS_OF_TYPES.has(name.value) ? 1 : 0),
    hasAlias,
    isIntrospectingTooMuch: inner.isIntrospectingTooMuch || (isRoot && (hasAlias || inner.lists > 1)),
  };
}
