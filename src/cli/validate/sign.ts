/** A report and its page are signed as they are in their files: a detached signature (Ed25519) beside each, in base64. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { UsageError } from '../command.ts';

export const signatureFile = (file: string): string => `${file}.sig`;

/** The page of a report. */
export const pageFile = (report: string): string => report.replace(/\.json$/, '.html');

/** @throws {UsageError} for what is no private key of Ed25519. */
export function readSigningKey(file: string): KeyObject {
  return readKey('sign-key', file, createPrivateKey);
}

export function signBytes(bytes: Buffer, key: KeyObject): string {
  return sign(null, bytes, key).toString('base64');
}

/** Names a public key in a report. */
export function fingerprintOf(key: KeyObject): string {
  const pub = key.type === 'private' ? createPublicKey(key) : key;
  return sha256(pub.export({ type: 'spki', format: 'der' }));
}

export const sha256 = (content: Buffer | string): string =>
  createHash('sha256').update(content).digest('hex');

/** Writes a file that must be new, and its signature if there is a key. @returns the names of what was written. */
export function writeSigned(file: string, bytes: Buffer, key: KeyObject | undefined): readonly string[] {
  const flag = { flag: 'wx' } as const;
  writeFileSync(file, bytes, flag);
  if (key === undefined) return [file];
  writeFileSync(signatureFile(file), `${signBytes(bytes, key)}\n`, flag);
  return [file, signatureFile(file)];
}

/**
 * Says whether a report, and its page if that lies beside it, are what was signed. A page can be verified alone as well.
 * @returns the exit code.
 */
export function verifyReport(file: string, keyFile: string, out: (line: string) => void): number {
  const key = readKey('key', keyFile, createPublicKey);
  const page = pageFile(file);
  const hasPage = page !== file && existsSync(page);
  out(`SHA-256 of the key:    ${fingerprintOf(key)}`);
  const report = read('verify', file);
  out(`SHA-256 of the report: ${sha256(report)}`);
  const isOfReport = !hasPage || read('verify', page).includes(sha256(report));
  if (!isOfReport) out(`${page} is NOT the page of this report.`);
  const signed = (hasPage ? [file, page] : [file]).map((one) => isSigned(one, key, out));
  return isOfReport && signed.every((isGood) => isGood) ? 0 : 1;
}

function isSigned(file: string, key: KeyObject, out: (line: string) => void): boolean {
  const signature = Buffer.from(read('verify', signatureFile(file)).toString().trim(), 'base64');
  const isGood = verify(null, read('verify', file), key, signature);
  out(`${file}: the signature is ${isGood ? 'good' : 'NOT that of this file by this key'}.`);
  return isGood;
}

function readKey(option: string, file: string, make: (pem: Buffer) => KeyObject): KeyObject {
  const pem = read(option, file);
  try {
    const key = make(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // said below: the error could quote the key
  }
  throw new UsageError(
    `--${option}: ${file} is no ${option === 'key' ? 'public' : 'private'} key of Ed25519 in PEM.`,
  );
}

function read(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--${option}: ${error instanceof Error ? error.message : error}`);
  }
}
