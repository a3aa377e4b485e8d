import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The words of each account: its name first, its password third. */
type Account = readonly string[];

/** The accounts that docs/redis.md asks operators to create: the words of each `ACL SETUSER`. */
export function documentedAccounts(): readonly Account[] {
  return accountsIn(read('docs/redis.md'), /^ACL SETUSER (.+)$/gm);
}

/** The accounts of deploy/redis/users.acl. */
export function deployedAccounts(): readonly Account[] {
  return accountsIn(read('deploy/redis/users.acl'), /^user (.+)$/gm);
}

function accountsIn(text: string, line: RegExp): readonly Account[] {
  return [...text.matchAll(line)].map(([, words = '']) => words.split(' '));
}
