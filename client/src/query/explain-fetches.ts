import { isDevelopment } from './development.ts';

/** Names the fields that cause fetches. */
export type ExplainFetch = (entity: string, fields: readonly string[]) => void;

/** Writes to the console of a developer, once for each field. In production it writes nothing. */
export function createFetchExplainer(): ExplainFetch {
  const isSilent = !isDevelopment();
  const named = new Set<string>();
  return (entity, fields) => {
    if (isSilent) return;
    const fresh = fields.filter((field) => !named.has(`${entity} ${field}`));
    if (fresh.length === 0) return;
    for (const field of fresh) named.add(`${entity} ${field}`);
    // biome-ignore lint/suspicious/noConsole: it is for developers, and only once.
    console.warn(
      `dms-live-react: no event of kind "${entity}" has ${fresh.join(', ')}, so queries with such rows are refetched after each ` +
        'event about one. To spare that, name what never changes in `constantFields`, or write the rows in `patches`.',
    );
  };
}
