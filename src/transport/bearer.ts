import { RefusedToken } from '../auth/refused-token.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Visitor } from '../auth/viewer.ts';

/** Takes the token out of the header Authorization. Throws where it holds none. */
export function bearerOf(
  authorization: string,
  sessions: Pick<Sessions, 'refused'>,
  visitor: Visitor,
): string {
  const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (token === undefined)
    throw sessions.refused(
      new RefusedToken('malformed', 'the header Authorization holds no bearer token'),
      visitor,
    );
  return token;
}
