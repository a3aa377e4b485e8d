import { readFileSync } from 'node:fs';

/** The accounts that docs/redis.md asks operators to create: the words of each `ACL SETUSER`. */
export function documentedAccounts(): readonly (readonly string[])[] {
  const page = readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8');
  return [...page.matchAll(/^ACL SETUSER (.+)$/gm)].map(([, words = '']) => words.split(' '));
}
