import { UsageError } from './command.ts';

/** Reads the address of the API. */
export function readUrl(written: string): URL {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw new UsageError(
      '--url: write an http(s) URL without user and query, such as https://dms.example/graphql.',
    );
  return url;
}
