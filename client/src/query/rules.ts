import { KINDS } from '../generated/kinds.ts';
import { nestedAt } from './apply-entities.ts';
import type { Apply, Kind } from './kind.ts';
import { pathsTo } from './shapes.ts';

export const ALL_KINDS: readonly Kind[] = Object.values(KINDS);

/** How a kind's events change each query that they concern, by the query's name. */
type Rules = Readonly<Record<string, Apply>>;

const rulesOf = new Map<Kind, Rules>(ALL_KINDS.map((kind) => [kind, createRules(kind)]));

/** A kind's own queries, and those whose rows nest its entities: crates stand in the rows of requests too. */
function createRules(kind: Kind): Rules {
  const rules: Record<string, Apply> = {};
  for (const outer of ALL_KINDS) {
    const paths = pathsTo(kind.subscription.shape, outer.subscription.shape);
    for (const [name, query] of Object.entries(outer.queries)) {
      if (outer === kind) rules[name] = query.apply;
      else if (paths.length > 0) rules[name] = eachOf(paths.map(nestedAt));
    }
  }
  return rules;
}

function eachOf(applies: readonly Apply[]): Apply {
  return (match, data, change, patcher) => {
    let needsFetch = false;
    let patched = data;
    for (const apply of applies) {
      const applied = apply(match, patched, change, patcher);
      patched = applied.data;
      if (applied.needsFetch) needsFetch = true;
    }
    return { data: patched, needsFetch };
  };
}

/** Whether events of a kind can change what a query holds. */
export function concerns(kind: Kind, name: string): boolean {
  return rulesOf.get(kind)?.[name] !== undefined;
}

/** Writes an event into a query's data as far as it says what is there, and whether that is all. */
export const applyChange: Apply = (match, data, change, patcher) =>
  rulesOf.get(change.kind)?.[match.name]?.(match, data, change, patcher) ?? { data, needsFetch: false };
