/** What Redis answers when it is asked for revocations, and is something else than was asked for, lets nobody in. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { readRevocations } from '../../src/auth/revocation-record.ts';
import { dmsNames } from '../support/domain.ts';

const IDENTITY = {
  viewer: { id: '17', name: null, unitId: '5', role: 'Section Head' },
  tokenId: 'a',
  issuedAt: 1,
  expiresAt: 2,
};

/** Reads what the record has against a token, where Redis gives these answers for three fields and three keys. */
function check(recorded: unknown, old: unknown) {
  // As a proxy that mixes answers up would give them; the types of ioredis only say what should come.
  const bus = { readFields: async () => recorded as null[], read: async () => old as null[] };
  return readRevocations(bus, dmsNames(), pino({ level: 'silent' }), undefined).check(IDENTITY);
}

const NONE = [null, null, null];

test('three values that are not there let a token in', async () => {
  expect(await check(NONE, NONE)).toBeUndefined();
});

test.each([[[null, null]], [[]], [0], [1], [''], [null], [undefined], [{}]])(
  'the answer %j instead of three values lets nobody in',
  async (answer) => {
    await expect(check(answer, NONE)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(check(NONE, answer)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  },
);

test.each([1, 'OK', {}])('the value %j, which says nothing, lets nobody in', async (value) => {
  await expect(check([value, null, null], NONE)).resolves.toBe('revoked');
});
