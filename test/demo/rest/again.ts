/** What is sent again, since its answer was lost: `Idempotency-Key`. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Answer, SIGNED, type Visitor, visit } from '../../support/demo.ts';
import type { Dms } from '../support/dms.ts';
import { newCrate, SHELF, storedCrate } from '../support/rows.ts';

const newKey = (): string => `"${randomUUID()}"`;
const RACK = { room_name: 'Cellar', rack_name: 'Again', compartments: 2, shelves: 2 };

async function countOf(visitor: Visitor, list: string): Promise<number> {
  return (await visitor.get(list)).body['count'];
}

export function testAgain(dms: Dms): void {
  const useUnit = async () => ({ leila: await visit(dms, 'leila'), peter: await visit(dms, 'peter') });

  test('what is sent twice with one key is created once, also at the same moment, and answered as the first time', async () => {
    const { leila, peter } = await useUnit();
    const [crate, stored] = [await newCrate(leila), await storedCrate(leila, peter)];
    const withdrawal = { crate: stored['id'], expected_return_date: '2027-01-31' };
    const sent: readonly (readonly [Visitor, string, string, object])[] = [
      [leila, '/crates/', '/crates/', {}],
      [leila, '/requests/storage/', '/requests/', { crate: crate['id'] }],
      [leila, '/requests/withdrawal/', '/requests/', withdrawal],
      [peter, '/storage/', '/storage/', SHELF],
      [peter, '/storage/bulk-create/', '/storage/', RACK],
    ];
    for (const [visitor, path, list, body] of sent) {
      const [key, before] = [newKey(), await countOf(visitor, list)];
      const post = (): Promise<Answer> => visitor.post(path, body, key);
      const [first, second] = await Promise.all([post(), post()]);
      const answers = [first, second, await post(), await visitor.post(path, { ...body, ...SIGNED }, key)];
      expect(first.status, path).toBe(201);
      expect(answers, path).toEqual(answers.map(() => first));
      const length = Array.isArray(first.body) ? first.body.length : 1;
      expect(await countOf(visitor, list), path).toBe(before + length);
    }
  });

  test('a key stands for what was created by it, and is of its user', async () => {
    const { leila } = await useUnit();
    const key = newKey();
    const made = await leila.post('/crates/', {}, key);
    const before = await countOf(leila, '/crates/');
    const others = [
      await leila.post('/crates/', { destruction_date: '2034-01-31' }, key),
      await leila.post('/crates/', { destruction_date: 'never' }, key),
      await leila.post('/requests/storage/', { crate: made.body['id'] }, key),
    ];
    expect(others.map(({ status, body }) => [status, typeof body['detail']])).toEqual(
      others.map(() => [422, 'string']),
    );
    expect(await countOf(leila, '/crates/')).toBe(before);
    const { status, body } = await (await visit(dms, 'tomas')).post('/crates/', {}, key);
    expect([status, body['id'] === made.body['id']]).toEqual([201, false]);
    expect((await (await visit(dms, 'grace')).post('/crates/', {}, key)).status).toBe(403);
  });

  test('in which order the fields are written makes no other contents', async () => {
    const { peter } = await useUnit();
    const key = newKey();
    const [first, again] = [
      await peter.post('/storage/bulk-create/', RACK, key),
      await peter.post('/storage/bulk-create/', Object.fromEntries(Object.entries(RACK).toReversed()), key),
    ];
    expect([first.status, again]).toEqual([201, first]);
  });

  test('what was refused has created nothing: it may be sent otherwise with its key', async () => {
    const { leila } = await useUnit();
    const key = newKey();
    expect((await leila.post('/crates/', { destruction_date: 'never' }, key)).status).toBe(400);
    expect((await leila.post('/crates/', {}, key)).status).toBe(201);
  });

  test('a key that is none is refused', async () => {
    const { leila } = await useUnit();
    for (const key of [randomUUID(), '""', '"short"', `"${'x'.repeat(101)}"`, '"two words, and more"'])
      expect((await leila.post('/crates/', {}, key)).status, key).toBe(400);
  });
}
