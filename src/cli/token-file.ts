import { readFileSync } from 'node:fs';
import { UsageError } from './command.ts';

/** Reads a token from a file, with or without `Bearer`. An argument would show in the list of processes. */
export function readTokenFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
      .trim()
      .replace(/^Bearer +/i, '');
  } catch (error) {
    throw new UsageError(`--token-file: ${error instanceof Error ? error.message : error}`);
  }
}
