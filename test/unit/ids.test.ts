/** How names encode the ids of users. The Django app is tested with the same table. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldsOfUser } from '../../src/auth/revocation-record.ts';
import { decodeUserId, encodeUserId, isUnitId, isUserId } from '../../src/events/ids.ts';
import { dmsNames } from '../support/domain.ts';

interface Table {
  readonly encoded: readonly { readonly id: string; readonly encoded: string }[];
  readonly noUserIds: readonly string[];
  readonly notCanonical: readonly string[];
}

const table: Table = JSON.parse(
  readFileSync(new URL('../../contract/topic-ids.json', import.meta.url), 'utf8'),
);
const names = dmsNames();

test.each(table.encoded)('$id is encoded as $encoded', ({ id, encoded }) => {
  expect(encodeUserId(id)).toBe(encoded);
  expect(decodeUserId(encoded)).toBe(id);
  const channel = `dms:sendback:user:${encoded}`;
  expect(names.nameOf({ kind: 'sendback', userId: id })).toEqual({ channel });
  expect(names.channelOf(channel)).toEqual({ kind: 'sendback', userId: id });
  const revoked = names.revocationKeyOf(fieldsOfUser(id).REVOKED);
  expect(revoked).toBe(`dms:session:revoked:user:${encoded}`);
});

test.each(table.noUserIds)('%j is no user’s id', (id) => {
  expect(isUserId(id)).toBe(false);
  expect(() => encodeUserId(id)).toThrow(RangeError);
});

test.each(table.notCanonical)('%j is not an encoded id', (spelling) => {
  expect(decodeUserId(spelling)).toBeUndefined();
  expect(names.channelOf(`dms:sendback:user:${spelling}`)).toBeUndefined();
});

test('a name has only unreserved characters and percent signs, and different ids have different names', () => {
  const unit = fc.constantFrom(...'aA3~.:%*|@{}? é日😀');
  const ids = fc.string({ unit, minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(ids, ids, (id, other) => {
      const encoded = encodeUserId(id);
      expect(encoded).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+$/);
      expect(decodeUserId(encoded)).toBe(id);
      expect(encoded === encodeUserId(other)).toBe(id === other);
    }),
  );
});

test('an id of a unit has no character that needs encoding, and no other kind has topics of users', () => {
  for (const id of ['5', 'north-1', 'A_b', 'x'.repeat(64)]) expect(isUnitId(id)).toBe(true);
  for (const id of ['', '5 7', 'a.b', 'a%3Ab', '*', 'x'.repeat(65)]) expect(isUnitId(id)).toBe(false);
  for (const name of ['dms:request:user:17', 'dms:sendback:unit:a%3Ab', 'dms:sendback:user:17:18'])
    expect(names.channelOf(name)).toBeUndefined();
});
