/**
 * Compares an event with what an execution made of it: `crate of unit 7` for each part that is there, and is not shown. Values are
 * never quoted, except the unit that a part belongs to.
 */
export function hiddenParts(event: unknown, shown: unknown, path = ''): readonly string[] {
  if (event === null || typeof event !== 'object') return [];
  if (Array.isArray(event)) return hiddenItems(event, shown, path);
  if (typeof shown !== 'object' || shown === null) return [`${path}${ownerOf(event)}`];
  const values: Readonly<Record<string, unknown>> = { ...event };
  return Object.entries(shown).flatMap(([name, value]) =>
    hiddenParts(values[name], value, path === '' ? name : `${path}.${name}`),
  );
}

/** A list leaves out what is hidden, so its items are found again by their ids. */
function hiddenItems(items: readonly unknown[], shown: unknown, path: string): readonly string[] {
  const left: readonly unknown[] = Array.isArray(shown) ? shown : [];
  return items.flatMap((item, at) => {
    const same = idOf(item) === undefined ? left[at] : left.find((other) => idOf(other) === idOf(item));
    return hiddenParts(item, same, `${path}[${at}]`);
  });
}

function idOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
}

const ownerOf = (part: object): string =>
  'unitId' in part && part.unitId != null ? ` of unit ${part.unitId}` : '';
