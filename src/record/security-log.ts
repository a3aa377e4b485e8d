import { hash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { SecurityEntry } from './schema.ts';

/** Takes what a security auditor asks for. Every floor that refuses or lets in is given one, as it is given an observer for metrics. */
export interface SecurityLog {
  /** Writes an entry, soon and without waiting for it. Never throws. */
  note(entry: SecurityEntry): void;
}

export const NO_SECURITY_LOG: SecurityLog = { note: () => undefined };

const RUN = randomBytes(4).toString('hex');
let last = 0;

/** This process. A restarted one has another name, even with the same process id. */
export const PROCESS_NAME = `${hostname()}:${process.pid}:${RUN}`;

/** A name that no other session or operation of any process has. */
export function newRecordId(): string {
  last += 1;
  return `${RUN}-${last.toString(36)}`;
}

/** How many hexadecimal digits of a SHA-256 stand in a line. */
export const HASH_LENGTH = 16;

/** Stands for a secret or a long text: equal texts have equal hashes, and nobody finds the text by the hash. */
export function shortHash(text: string): string {
  return hash('sha256', text).slice(0, HASH_LENGTH);
}
