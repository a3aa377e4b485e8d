import { RenewSessionDocument } from '../generated/operations.ts';
import type { Link } from './link.ts';
import { nameDocument } from './sent-document.ts';

/** Lets the session of a link go on under a new token. Rejects if the server does not take it; never settles if the link closes. */
export function renewSession(link: Link, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    link.run(
      { ...nameDocument(RenewSessionDocument), variables: { token } },
      {
        next: ({ data }) => (data == null ? reject(new Error('The token was refused')) : resolve()),
        position: () => undefined,
        past: () => undefined,
        ended: () => reject(new Error('The token was refused')),
      },
    );
  });
}
