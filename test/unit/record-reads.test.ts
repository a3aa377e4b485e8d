/** What queries have read, as `dms-live record who` finds it in the security log. */
import { expect, test } from 'vitest';
import { readSubscriptions, wasSent } from '../../src/cli/record/operations.ts';
import type { SecurityLine } from '../../src/record/schema.ts';

const AT = '2026-11-22T09:30:00.000Z';

const read = (first: string, last: string) =>
  ({
    event: 'operation.read',
    at: AT,
    operation: 'o1',
    field: 'whileAway',
    topic: 'dms:request:unit:5',
    user: '17',
    process: 'p1',
    first,
    last,
  }) as unknown as SecurityLine; // all that is read of it

test('a query that reads a topic twice was sent what either read has', () => {
  const reader = readSubscriptions('17');
  reader.add(read('7-0', '7-9'));
  reader.add(read('7-9', '7-9')); // the same query, under another alias, of a shorter time
  const sent = (offset: number) =>
    reader.all.map((one) => wasSent(one, { epoch: '7', offset }, Date.parse(AT) - 1000));
  expect(sent(4)).toContain('yes');
  expect(sent(10)).not.toContain('yes');
  expect(reader.all.every(({ isFolded }) => isFolded)).toBe(true);
  const others = readSubscriptions('23');
  others.add(read('7-0', '7-9'));
  expect(others.all).toEqual([]);
});
