/**
 * Bytes as a string of one character each ("binary", latin1): to be written with that encoding and never to be read as text.
 * Joining such strings copies nothing until the socket takes them, what many clients are sent is there once, and the kernel
 * is handed them from the stack. A buffer for each delivery costs a fifth more, most of it garbage collection (bench/).
 */
export type Bytes = string;

/** The encoding to write {@link Bytes} with. */
export const BYTES = 'latin1';

/** A text in UTF-8. */
export function toBytes(text: string): Bytes {
  // What is ASCII, as most is, is its own bytes.
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString(BYTES);
}
