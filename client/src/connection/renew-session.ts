import { stringifyDocument } from '@urql/core';
import { RenewSessionDocument } from '../generated/operations.ts';
import type { Link } from './link.ts';

const query = stringifyDocument(RenewSessionDocument);

/** Lets the session of a link go on under a new token. Rejects if the server does not take it; never settles if the link closes. */
export function renewSession(link: Link, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    link.run(
      { query, variables: { token } },
      {
        next: ({ data }) => (data == null ? reject(new Error('The token was refused')) : resolve()),
        position: () => undefined,
        past: () => undefined,
        ended: () => reject(new Error('The token was refused')),
      },
    );
  });
}
