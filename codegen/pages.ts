/** The parts of pages that follow from the SDL. `npm run generate` writes them again between their markers. */
import { readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { eventsTableOf } from '../client/codegen/events-table.ts';
import { asText } from '../client/codegen/text-output.ts';
import type { Domain } from '../src/events/domain.ts';
import { writeChannels, writePatterns, writeSignatures, writeSubscriptions } from './page-tables.ts';

/** Replaces one part of a page’s text. */
type Fill = (text: string, domain: Domain) => string;

/** Every page with generated parts, by its path. */
const PAGES: Readonly<Record<string, readonly Fill[]>> = {
  'README.md': [between('subscriptions', writeSubscriptions)],
  'PROTOCOL.md': [between('channels', writeChannels), between('subscriptions', writeSignatures)],
  'docs/redis.md': [patterns],
  'deploy/redis/users.acl': [patterns],
  'client/README.md': [between('events', ({ schema }) => eventsTableOf(schema))],
};

/** The outputs of codegen for all pages. */
export function pageOutputs(domain: Domain, root: URL): CodegenConfig['generates'] {
  return Object.fromEntries([...writePages(domain, root)].map(([path, text]) => [path, asText(text)]));
}

/**
 * The pages as they should be, by path. What stands outside of the markers stays as it is.
 * @param root where the pages are.
 * @throws if a page lacks a marker.
 */
export function writePages(domain: Domain, root: URL): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(PAGES).map(([path, fills]) => {
      const text = readFileSync(new URL(path, root), 'utf8');
      return [path, fills.reduce((filled, fill) => fill(filled, domain), text)];
    }),
  );
}

/** The part between `<!-- generated: name -->` and `<!-- end of name -->`. */
function between(name: string, write: (domain: Domain) => string): Fill {
  const part = new RegExp(`(<!-- generated: ${name} -->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`);
  return (text, domain) => replaceOne(text, part, (_, start, end) => `${start}${write(domain)}\n${end}`);
}

/** The patterns in the account of a server. A block of code can hold no markers. */
function patterns(text: string, domain: Domain): string {
  return replaceOne(text, /&dms:\w+:unit:\*( &dms:\w+:unit:\*)*/, () => writePatterns(domain));
}

function replaceOne(text: string, part: RegExp, by: (...found: readonly string[]) => string): string {
  if (!part.test(text)) throw new Error(`A page lacks its generated part: ${part}`);
  return text.replace(part, by);
}
