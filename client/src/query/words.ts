/** `Sent Back`, `sent-back` and `SENT_BACK` are one word: `SENT_BACK`. `undefined`: it is no text. */
export function wordOf(spelt: unknown): string | undefined {
  return typeof spelt === 'string'
    ? spelt
        .trim()
        .replace(/[\s_-]+/g, '_')
        .toUpperCase()
    : undefined;
}

/** Spells a word as another one of its kind is spelt: `SENT_BACK` like `Pending` is `Sent Back`, like `pending` is `sent_back`. */
export function spellLike(word: string, example: string): string {
  const separator = /[\s-]/.exec(example)?.[0];
  if (example === example.toUpperCase()) return word.replaceAll('_', separator ?? '_');
  if (example === example.toLowerCase()) return word.toLowerCase().replaceAll('_', separator ?? '_');
  return word
    .split('_')
    .map((part) => part.charAt(0) + part.slice(1).toLowerCase())
    .join(/[_-]/.exec(example)?.[0] ?? ' ');
}
