/** Excel takes a file without it for one in the encoding of the country. */
export const BYTE_ORDER_MARK = '\uFEFF';

/**
 * A spreadsheet takes such a text for a formula, which could run or send something when the file is opened. Some take wide characters
 * for their narrow ones, and pass over what is not seen.
 */
const FORMULA = /^[\s\p{Cc}\u200b-\u200f\u2060]*[=+\-@|＝＋－＠｜]|^[\t\r\n]/u;

/**
 * One line of a file that Excel and LibreOffice open as a table (RFC 4180). Each value is quoted, so that no separator or line break
 * in it breaks the table. A text that would be a formula gets an apostrophe before it.
 */
export function csvLine(values: readonly string[]): string {
  return `${values.map(quoted).join(',')}\r\n`;
}

function quoted(value: string): string {
  const harmless = FORMULA.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}
