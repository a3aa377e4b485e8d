import { isTopicId } from '../topics/topic.ts';

/**
 * An id that may become part of a topic's name, as a token or a profile says it: `null` where it says none, `undefined` where
 * what it says can be no id.
 */
export function readId(said: unknown): string | null | undefined {
  if (said === undefined || said === null || said === '') return null;
  const id = typeof said === 'number' && Number.isSafeInteger(said) ? String(said) : said;
  return typeof id === 'string' && isTopicId(id) ? id : undefined;
}

/** `null` where it says none. */
export function readText(said: unknown): string | null {
  return typeof said === 'string' && said !== '' ? said : null;
}
