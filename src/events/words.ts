/** The spellings of an enum's value: as GraphQL has it (`SENT_BACK`) and as the DMS writes it (`Sent Back`). */
export function spellingsOf(value: string): readonly [graphql: string, dms: string] {
  return [value, value.toLowerCase().replace(/(^|_)([a-z])/g, spellWord)];
}

function spellWord(_match: string, separator: string, letter: string): string {
  return (separator === '_' ? ' ' : '') + letter.toUpperCase();
}
