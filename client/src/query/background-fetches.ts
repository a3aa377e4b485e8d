import type { Query, QueryKey } from '@tanstack/react-query';
import { BACKGROUND } from '../connection/background.ts';

/**
 * The keys, as objects, of the queries that a bridge is fetching. A query passes its own one to its `queryFn`, also for a retry and
 * for the next page.
 */
const keys = new WeakSet<QueryKey>();

export const backgroundFetches = {
  begin: ({ queryKey }: Query): void => void keys.add(queryKey),
  end: ({ queryKey }: Query): void => void keys.delete(queryKey),
};

/**
 * The headers for the requests of a `queryFn`: where the fetch is made for an event, and not for the user, they mark it as made in
 * the background, so that it keeps no idle session alive. Otherwise they are none.
 * @param context what the `queryFn` receives.
 */
export function backgroundHeaders({
  queryKey,
}: {
  readonly queryKey: QueryKey;
}): Readonly<Record<string, string>> {
  return keys.has(queryKey) ? BACKGROUND : {};
}
