/** How deep a value that a client sends may be nested. */
const MAX_DEPTH = 100;

/**
 * Whether a value is nested deeper than anybody needs. JSON of 64 KB nests 30,000 levels, which JSON.parse takes; whatever
 * then walks the value by recursion (JSON.stringify, graphql-js) exhausts the stack, which would look like a fault of ours.
 */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === MAX_DEPTH) return true;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (isTooDeep(inner, depth + 1)) return true;
  }
  return false;
}

export const TOO_DEEP = `Nest the variables less deeply: at most ${MAX_DEPTH} levels.`;
