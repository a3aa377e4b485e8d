/** A report is signed as it is in its file: a detached signature (Ed25519) beside it, in base64. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UsageError } from '../command.ts';

export const signatureFile = (report: string): string => `${report}.sig`;

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

/** Says whether a report is the one that was signed. @returns the exit code. */
export function verifyReport(file: string, keyFile: string, out: (line: string) => void): number {
  const key = readKey('key', keyFile, createPublicKey);
  const report = read('verify', file);
  const signature = Buffer.from(read('verify', signatureFile(file)).toString().trim(), 'base64');
  const isGood = verify(null, report, key, signature);
  out(`SHA-256 of the report: ${sha256(report)}`);
  out(`SHA-256 of the key:    ${fingerprintOf(key)}`);
  out(isGood ? 'The signature is good.' : 'The signature is NOT that of this report by this key.');
  return isGood ? 0 : 1;
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
