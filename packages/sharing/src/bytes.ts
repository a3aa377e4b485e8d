/**
 * Bytes as a string with one character for each ("binary", latin1). Write it with that encoding, and never read it as text.
 * Joining such strings copies nothing until the socket writes them, and what many clients receive is in memory once. A buffer for
 * each delivery was measured to cost a fifth more, most of it garbage collection.
 */
export type Bytes = string;

/** The encoding to write {@link Bytes} with. */
export const BYTES = 'latin1';

/**
 * A text in UTF-8. It is copied even where it is ASCII, and so its own bytes: V8 may keep such a text with two bytes for each
 * character, because a word in it was cut out of a text with wide characters (the word of an enum, out of an SDL with "…" in a
 * description). Every string that it is joined to then takes twice the memory. A burst cost twice the CPU time.
 */
export function toBytes(text: string): Bytes {
  return Buffer.from(text).toString(BYTES);
}
