/** What is sent again since its answer was lost: made once, by its `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). */
import { isDeepStrictEqual } from 'node:util';
import type { Person } from '../users.ts';
import type { Reply } from './endpoint.ts';
import { badRequest, RestError } from './rest-error.ts';

/** How long an answer is kept, in milliseconds, and how many of each person at most. */
const KEPT_MS = 86_400_000;
const MOST_KEPT = 50;

/** A string of structured fields: in quotes. */
const KEY = /^"([\w-]{16,100})"$/;

export interface Sent {
  readonly person: Person;
  /** The header, as it came. */
  readonly header: string | undefined;
  readonly path: string;
  readonly body: unknown;
}

/** Creates something, unless it was created by the same key already: then the first answer is given again. */
export type Once = (sent: Sent, create: () => Promise<Reply>) => Promise<Reply>;

interface Kept {
  readonly contents: readonly unknown[];
  readonly at: number;
  readonly answer: Promise<Reply>;
}

/** Keys are of their person: those of others are not known. What was refused has created nothing, and may be sent once more, otherwise too. */
export function createOnce(now: () => number): Once {
  const byPerson = new Map<string, Map<string, Kept>>();

  function keptOf({ id }: Person): Map<string, Kept> {
    const kept = byPerson.get(id) ?? new Map<string, Kept>();
    byPerson.set(id, kept);
    for (const [key, { at }] of kept) {
      if (now() - at < KEPT_MS && kept.size <= MOST_KEPT) break; // the others are younger
      kept.delete(key);
    }
    return kept;
  }

  return async ({ person, header, path, body }, create) => {
    if (header === undefined) return create();
    const key = readKey(header);
    const kept = keptOf(person);
    const known = kept.get(key);
    const contents = [path, withoutSignature(body)];
    if (known !== undefined && !isDeepStrictEqual(known.contents, contents)) throw otherContents();
    if (known !== undefined) return known.answer;
    const answer = create();
    kept.set(key, { contents, at: now(), answer });
    answer.catch(() => kept.delete(key));
    return answer;
  };
}

function readKey(header: string): string {
  const [, key] = KEY.exec(header) ?? [];
  if (key === undefined)
    throw badRequest('Idempotency-Key: write 16 to 100 letters, digits, "-" or "_" in quotes.');
  return key;
}

/** A signature is a secret, and says nothing about what is created. */
function withoutSignature(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'signature'));
}

const otherContents = (): RestError =>
  new RestError(422, 'This was saved already, as it was sent first. Look at that before you send another.');
