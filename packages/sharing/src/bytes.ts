/**
 * Bytes as a string with one character for each ("binary", latin1). Write it with that encoding, and never read it as text.
 * Joining such strings copies nothing until the socket writes them, and what many clients receive is in memory once. A buffer for
 * each delivery was measured to cost a fifth more, most of it garbage collection.
 */
export type Bytes = string;

/** The encoding to write {@link Bytes} with. */
export const BYTES = 'latin1';

/** Where shorter texts are written and read again. A buffer for each costs a microsecond more. */
const SCRATCH = Buffer.alloc(65_536);
/** The most bytes that a character of a string takes in UTF-8. */
const BYTES_PER_CHARACTER = 3;

/**
 * A text in UTF-8. It is copied even where it is ASCII, and so its own bytes: V8 may keep such a text with two bytes for each
 * character, because a word in it was cut out of a text with wide characters (the word of an enum, out of an SDL with "…" in a
 * description). Every string that it is joined to then takes twice the memory. A burst cost twice the CPU time.
 */
export function toBytes(text: string): Bytes {
  if (text.length * BYTES_PER_CHARACTER > SCRATCH.length) return Buffer.from(text).toString(BYTES);
  return SCRATCH.toString(BYTES, 0, SCRATCH.write(text));
}
