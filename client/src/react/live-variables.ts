/** Ids may be numbers, and `null` means the same as `undefined`. */
export type LooseVariables<Variables> = {
  readonly [Name in keyof Variables]: Name extends `${string}Id` | 'id'
    ? Variables[Name] | number | null
    : Variables[Name] | (undefined extends Variables[Name] ? null : never);
};

/** As the server takes them, so that equal subscriptions are one: without what is not given, and with ids as text. */
export function exactVariables<Variables>(variables: object): Variables {
  const given = Object.entries(variables).filter(([, value]) => value != null);
  const exact = given.map(([name, value]) => [name, /(^i|I)d$/.test(name) ? String(value) : value]);
  return Object.fromEntries(exact) as Variables; // the server would coerce the others to the same values
}
