import type { DocumentNode, SelectionSetNode } from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** Data as a server would send them for a document: its fields and no others, `null` where the test says nothing. */
export function complete(document: DocumentNode, data: unknown): Values {
  const fragments = new Map<string, SelectionSetNode>();
  let root: SelectionSetNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition')
      fragments.set(definition.name.value, definition.selectionSet);
    else if (definition.kind === 'OperationDefinition') root ??= definition.selectionSet;
  }

  function fieldsOf(selections: SelectionSetNode | undefined, values: Values): Values {
    const result: Record<string, unknown> = {};
    for (const selection of selections?.selections ?? []) {
      if (selection.kind === 'Field') {
        const name = (selection.alias ?? selection.name).value;
        result[name] = completed(selection.selectionSet, values[name] ?? null);
      } else {
        const inner =
          selection.kind === 'FragmentSpread' ? fragments.get(selection.name.value) : selection.selectionSet;
        Object.assign(result, fieldsOf(inner, values));
      }
    }
    return result;
  }

  function completed(selections: SelectionSetNode | undefined, value: unknown): unknown {
    if (selections === undefined || value === null) return value;
    if (Array.isArray(value)) return value.map((element) => completed(selections, element));
    return fieldsOf(selections, Object(value));
  }

  return fieldsOf(root, Object(data));
}
