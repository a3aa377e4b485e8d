/**
 * Whether one instant, as ISO 8601 writes it, is later than another. It compares all digits of a second; `Date` would compare
 * milliseconds only. A text that is no instant is never later.
 */
export function isLater(written: string, than: string): boolean {
  const [first, second] = [readInstant(written), readInstant(than)];
  if (first.wholeMs !== second.wholeMs) return first.wholeMs > second.wholeMs;
  const digits = Math.max(first.fraction.length, second.fraction.length);
  return first.fraction.padEnd(digits, '0') > second.fraction.padEnd(digits, '0');
}

const WRITTEN = /^([^.,]*)(?:[.,](\d+))?(.*)$/;

function readInstant(written: string): { readonly wholeMs: number; readonly fraction: string } {
  const [, whole = '', fraction = '', zone = ''] = WRITTEN.exec(written) ?? [];
  return { wholeMs: Date.parse(whole + zone), fraction };
}
