import { KINDS } from '../generated/kinds.ts';
import type { NeedsFetch } from './fetch-reasons.ts';
import type { Apply, Kind, KindQuery } from './kind.ts';
import { isShownAt, nestedAt, type Path } from './nested-entities.ts';
import type { OtherFields } from './other-fields.ts';
import { hasId, rowsOf } from './rows.ts';
import { pathsTo } from './shapes.ts';

export const ALL_KINDS: readonly Kind[] = Object.values(KINDS);

/** How a kind's events change a query, and by which fields its rows nest the kind's entities; no paths: the query is its own. */
interface Rule {
  readonly apply: Apply;
  readonly outer: Kind;
  readonly paths: readonly Path[];
}

/** By the query's name. */
type Rules = Readonly<Record<string, Rule>>;

const rulesOf = new Map<Kind, Rules>(ALL_KINDS.map((kind) => [kind, createRules(kind)]));

/** A kind's own queries, and those whose rows nest its entities: crates stand in the rows of requests too. */
function createRules(kind: Kind): Rules {
  const rules: Record<string, Rule> = {};
  for (const outer of ALL_KINDS) {
    const paths = outer === kind ? [] : pathsTo(kind.subscription.shape, outer.subscription.shape);
    for (const [name, query] of Object.entries(outer.queries)) {
      if (outer === kind) rules[name] = { apply: query.apply, outer, paths };
      else if (paths.length > 0 && query.hasNoRows !== true)
        rules[name] = { apply: eachOf(paths.map((path) => nestedAt(path, outer))), outer, paths };
    }
  }
  return rules;
}

function eachOf(applies: readonly Apply[]): Apply {
  return (match, data, change, patcher) => {
    let needsFetch: NeedsFetch = false;
    let patched = data;
    for (const apply of applies) {
      const applied = apply(match, patched, change, patcher);
      patched = applied.data;
      needsFetch ||= applied.needsFetch;
    }
    return { data: patched, needsFetch };
  };
}

/** How events of a kind change what a query holds; `undefined`: they do not. */
export function ruleOf(kind: Kind, name: string): Apply | undefined {
  return rulesOf.get(kind)?.[name]?.apply;
}

/** Whether a query of this name shows figures, which the server computes. */
export const isFigures = (name: string): boolean => figureNames.has(name);

const figureNames: ReadonlySet<string> = new Set(
  ALL_KINDS.flatMap(({ queries }) => Object.entries(queries)).flatMap(
    ([name, { hasNoRows }]: [string, KindQuery]) => (hasNoRows === true ? name : []),
  ),
);

/**
 * Whether a query shows anything of a kind: it is one of the kind's own, or its rows nest the kind's entities.
 * @param id only this entity.
 */
export function shows(kind: Kind, name: string, data: unknown, others: OtherFields, id?: string): boolean {
  const rule = rulesOf.get(kind)?.[name];
  if (rule === undefined) return false;
  if (rule.outer !== kind) return rule.paths.some((path) => isShownAt(path, rule.outer, data, others, id));
  return id === undefined || rowsOf(data).some((row) => hasId(row, id));
}
