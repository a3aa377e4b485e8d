import { readFileSync } from 'node:fs';

/** The accounts as the README tells operators to make them: the words of each `ACL SETUSER`. */
export function accountsOfReadme(): readonly (readonly string[])[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  return [...readme.matchAll(/^ACL SETUSER (.+)$/gm)].map(([, words = '']) => words.split(' '));
}
