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

/** How events of a kind change what a query holds; `undefined`: they do not. */
export function ruleOf(kind: Kind, name: string): Apply | undefined {
  return rulesOf.get(kind)?.[name];
}
