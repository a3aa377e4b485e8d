import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import type { ErrorCode } from '../errors.ts';

export interface DocumentLimits {
  /** How many tokens a document may have. */
  readonly maxTokens: number;
  /** How deep its fields may be nested; introspection is not counted, graphql-js bounds it by itself. */
  readonly maxDepth: number;
  /** How many fields it may select with all its fragments spread: what an execution may cost at most. */
  readonly maxFields: number;
}

interface Extent {
  readonly depth: number;
  readonly fields: number;
}

const NOTHING: Extent = { depth: 0, fields: 0 };

/** Refuses documents that nest too deep or select too much, with `LIMIT_EXCEEDED`. Its cost is linear in the document. */
export function limitExtent({ maxDepth, maxFields }: DocumentLimits): ValidationRule {
  return function DocumentLimitsRule(context: ValidationContext): ASTVisitor {
    const extentOf = createMeasure(context.getDocument());
    return {
      OperationDefinition(node) {
        const { depth, fields } = extentOf(node.selectionSet);
        if (depth > maxDepth) context.reportError(tooMuch(`Nest fields at most ${maxDepth} levels deep.`));
        if (fields > maxFields)
          context.reportError(tooMuch(`Select at most ${maxFields} fields, fragments included.`));
      },
    };
  };
}

export function tooMuch(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED' satisfies ErrorCode } });
}

/** Measures each fragment once, however often it is spread. A cycle, which another rule reports, counts as nothing. */
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

  function measure(selectionSet: SelectionSetNode | undefined): Extent {
    let depth = 0;
    let fields = 0;
    for (const node of selectionSet?.selections ?? []) {
      if (node.kind === Kind.FIELD) {
        const inner = measure(node.selectionSet);
        const isIntrospection = node.name.value.startsWith('__');
        depth = Math.max(depth, isIntrospection ? 1 : inner.depth + 1);
        fields += inner.fields + 1;
      } else {
        const inner =
          node.kind === Kind.FRAGMENT_SPREAD ? measureFragment(node.name.value) : measure(node.selectionSet);
        depth = Math.max(depth, inner.depth);
        fields += inner.fields;
      }
    }
    return { depth, fields };
  }

  return measure;
}
