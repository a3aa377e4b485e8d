/** The chain of hashes that runs through the lines of one process: each line carries the hash of the line before, and its own. */
import { createHmac, hash } from 'node:crypto';

/** By what the lines of a process are chained: by anybody's hash, or by one that needs `SECURITY_LOG_KEY`. */
export const CHAIN_KINDS = ['sha256', 'hmac-sha256'] as const;
export type ChainKind = (typeof CHAIN_KINDS)[number];

/** What the first line of a process names as the hash of the line before. */
export const NO_LINE = '0'.repeat(64);

export interface Chain {
  readonly kind: ChainKind;
  /** The hash of a line, in hexadecimal digits. It is over the line's bytes before `,"hash":`. */
  hash(body: string): string;
}

/** @param key `undefined`: a plain hash, which everybody can compute. */
export function createChain(key: string | undefined): Chain {
  return key === undefined
    ? { kind: 'sha256', hash: (body) => hash('sha256', body) }
    : { kind: 'hmac-sha256', hash: (body) => createHmac('sha256', key).update(body).digest('hex') };
}

/** Adds to a line the hash of the line before. Its own hash is over what this returns. */
export const withPrevious = (fields: string, previous: string): string => `${fields},"prev":"${previous}"`;

/** Ends a line, with its own hash. */
export const withHash = (body: string, hash: string): string => `${body},"hash":"${hash}"}`;

const END = /,"hash":"([0-9a-f]{64})"\}$/;

/** The reverse of {@link withHash}; `undefined`: the line has no hash at its end. */
export function splitLine(text: string): { readonly body: string; readonly hash: string } | undefined {
  const [end, hash] = END.exec(text) ?? [];
  return end === undefined || hash === undefined ? undefined : { body: text.slice(0, -end.length), hash };
}
