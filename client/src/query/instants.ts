/**
 * Whether one instant, as ISO 8601 writes it, is later than another. It compares all digits of a second; `Date` would compare
 * milliseconds only. A text that is no instant is never later.
 */
export function isLater(written: string, than: string): boolean {
  return orderOf(written, than) > 0;
}

/** Above 0: the first one is later. `NaN`: one of them is no instant. */
function orderOf(written: string, other: string): number {
  const [first, second] = [readInstant(written), readInstant(other)];
  if (first.wholeMs !== second.wholeMs) return first.wholeMs - second.wholeMs;
  const digits = Math.max(first.fraction.length, second.fraction.length);
  const [fraction, otherFraction] = [first.fraction.padEnd(digits, '0'), second.fraction.padEnd(digits, '0')];
  return fraction === otherFraction ? 0 : fraction > otherFraction ? 1 : -1;
}

/** A day, or a time of no time zone, is a different moment for each reader. */
const WITH_ZONE = /T.*(Z|[+-]\d\d:?\d\d)$/i;

/** Above 0: the first instant is later; `undefined`: one of them is no instant with a time zone. */
export function compareInstants(one: unknown, other: unknown): number | undefined {
  if (typeof one !== 'string' || typeof other !== 'string') return undefined;
  if (!WITH_ZONE.test(one) || !WITH_ZONE.test(other)) return undefined;
  const order = orderOf(one, other);
  return Number.isNaN(order) ? undefined : order;
}

const WRITTEN = /^([^.,]*)(?:[.,](\d+))?(.*)$/;

function readInstant(written: string): { readonly wholeMs: number; readonly fraction: string } {
  const [, whole = '', fraction = '', zone = ''] = WRITTEN.exec(written) ?? [];
  return { wholeMs: Date.parse(whole + zone), fraction };
}
