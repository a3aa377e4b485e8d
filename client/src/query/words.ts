/** The DMS's words (statuses, types) as GraphQL spells them, and as REST rows and query keys do. */

export const REQUEST_TYPES = ['STORAGE', 'WITHDRAWAL', 'DESTRUCTION'] as const;
export const REQUEST_STATUSES = [
  'PENDING',
  'SENT_BACK',
  'APPROVED',
  'ISSUED',
  'RETURNED',
  'REJECTED',
  'COMPLETED',
] as const;
export const CRATE_STATUSES = ['ACTIVE', 'WITHDRAWN', 'ARCHIVED', 'DESTROYED'] as const;

/** `Sent Back`, `sent-back` and `SENT_BACK` are one word: `SENT_BACK`. Of anything that is no text: `undefined`. */
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
