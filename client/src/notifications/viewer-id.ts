import type { LiveClient } from '../connection/types.ts';
import { ViewerDocument, type ViewerQuery } from '../generated/operations.ts';

type Viewer = ViewerQuery['viewer'];

const viewers = new WeakMap<LiveClient, Promise<Viewer | undefined>>();

/** Who a client's user is, asked once; `undefined` if the server cannot be asked, which is tried again the next time. */
export function viewerOf(client: LiveClient): Promise<Viewer | undefined> {
  const known = viewers.get(client);
  if (known !== undefined) return known;
  const asked = client.urql
    .query(ViewerDocument, {})
    .toPromise()
    .then(
      ({ data }) => data?.viewer,
      () => undefined,
    )
    .then((viewer) => {
      if (viewer === undefined) viewers.delete(client);
      return viewer;
    });
  viewers.set(client, asked);
  return asked;
}

export async function viewerIdOf(client: LiveClient): Promise<string | undefined> {
  return (await viewerOf(client))?.id;
}
