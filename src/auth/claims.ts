import { isUnitId, isUserId } from '../events/ids.ts';

/** A unit's id as a token or a profile says it: `null` where it says none, `undefined` where what it says can be no unit id. */
export function readUnitId(said: unknown): string | null | undefined {
  return readId(said, isUnitId);
}

/** The same of a user's id, which may be almost any text. */
export function readUserId(said: unknown): string | null | undefined {
  return readId(said, isUserId);
}

function readId(said: unknown, isId: (id: string) => boolean): string | null | undefined {
  if (said === undefined || said === null || said === '') return null;
  const id = typeof said === 'number' && Number.isSafeInteger(said) ? String(said) : said;
  return typeof id === 'string' && isId(id) ? id : undefined;
}

/** `null` where it says none. */
export function readText(said: unknown): string | null {
  return typeof said === 'string' && said !== '' ? said : null;
}
