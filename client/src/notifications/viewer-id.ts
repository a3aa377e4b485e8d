import type { LiveClient } from '../connection/types.ts';
import { ViewerDocument } from '../generated/operations.ts';

const viewers = new WeakMap<LiveClient, Promise<string | undefined>>();

/** Who a client's user is, asked once; `undefined` if the server cannot be asked, which is tried again the next time. */
export function viewerIdOf(client: LiveClient): Promise<string | undefined> {
  const known = viewers.get(client);
  if (known !== undefined) return known;
  const asked = client.urql
    .query(ViewerDocument, {})
    .toPromise()
    .then(
      ({ data }) => data?.viewer.id,
      () => undefined,
    )
    .then((viewerId) => {
      if (viewerId === undefined) viewers.delete(client);
      return viewerId;
    });
  viewers.set(client, asked);
  return asked;
}
