/** Reads the value at a path of names, such as `request.id`; `undefined` where something on the way is missing. */
export function readPath(path: string): (from: Readonly<Record<string, unknown>>) => unknown {
  const [first = '', ...rest] = path.split('.');
  if (rest.length === 0) return (from) => from[first];
  const read = readPath(rest.join('.'));
  return (from) => {
    const inner = from[first];
    return isRecord(inner) ? read(inner) : undefined;
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
