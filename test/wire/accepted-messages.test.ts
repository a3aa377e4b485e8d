/** Variations of a message that the server accepts from a publisher. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useApp } from '../support/app.ts';
import { subscribed, useClient } from '../support/clients.ts';
import { DOMAIN } from '../support/domain.ts';
import { messages } from '../support/events.ts';
import { people } from '../support/tokens.ts';

const KIB = 1024;
const json = JSON.stringify;

describe('accepted', () => {
  const query = `subscription { requestUpdated(unitId: 5) {
    id action occurredAt request { id status requestType unitId approvalDate crate { status documents { id } } }
  } }`;

  async function first(...published: (string | Buffer)[]): Promise<unknown> {
    const app = await useApp();
    const operation = await subscribed(useClient(app, await people.admin()), query);
    for (const message of published) await app.bus.publish('dms:request:unit:5', message);
    return (await operation.data())['requestUpdated'];
  }

  test('exactly 64 KiB', async () => {
    const app = await useApp();
    const operation = await subscribed(
      useClient(app, await people.head()),
      'subscription { storageUpdated { id } }',
    );
    const message = messageOf(64 * KIB);
    expect(Buffer.byteLength(message)).toBe(64 * KIB);
    await app.bus.publish('dms:storage:unit:5', message);
    expect(await operation.data()).toEqual({ storageUpdated: { id: 'large' } });
  });

  test('enum values as GraphQL spells them and as the DMS does', async () => {
    for (const [status, requestType, action] of [
      ['SENT_BACK', 'WITHDRAWAL', 'STORAGE_ALLOCATED'],
      ['Sent Back', 'Withdrawal', 'Storage Allocated'],
    ]) {
      expect(await first(json(messages.request({ status, requestType }, { action })))).toMatchObject({
        action: 'STORAGE_ALLOCATED',
        request: { status: 'SENT_BACK', requestType: 'WITHDRAWAL' },
      });
    }
  });

  test('ids as integers and as strings; clients receive strings', async () => {
    expect(await first(json(messages.request({ id: 1, unitId: 5 })))).toMatchObject({
      request: { id: '1', unitId: '5' },
    });
    expect(
      await first(json(messages.request({ id: 'r-1', unitId: '5' }, { id: 77, unitId: '5' }))),
    ).toMatchObject({
      id: '77',
      request: { id: 'r-1', unitId: '5' },
    });
  });

  test('fields that the contract does not know, __proto__ among them', async () => {
    const message = json(messages.request({ shelfLife: 3 }, { id: 'odd', extra: { deep: [1] } }));
    const odd = message.replace('"extra":', '"__proto__":{"polluted":true},"extra":');
    expect(await first(odd)).toMatchObject({ id: 'odd', request: { id: '4821' } });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('a message with only the required fields', async () => {
    const required = {
      id: 'bare',
      action: 'CREATED',
      occurredAt: '2026-11-22T10:30:00+01:00',
      request: { id: 1, requestType: 'STORAGE', status: 'PENDING', unitId: 5 },
    };
    expect(await first(json(required))).toEqual({
      id: 'bare',
      action: 'CREATED',
      occurredAt: '2026-11-22T09:30:00.000Z',
      request: {
        id: '1',
        status: 'PENDING',
        requestType: 'STORAGE',
        unitId: '5',
        approvalDate: null,
        crate: null,
      },
    });
  });

  test('white space around the JSON, and fields in any order', async () => {
    const entries = Object.entries(messages.request({}, { id: 'spaced' })).reverse();
    expect(await first(`\n\t ${json(Object.fromEntries(entries))}\r\n`)).toMatchObject({ id: 'spaced' });
  });
});

describe.each([...DOMAIN.kinds.values()])('the validator of $kind', ({ kind, validator, check }) => {
  test('can be compiled: one that cannot be is used as it is, without a word, at several times the cost', () => {
    expect(() => z.compile(validator, { strict: true })).not.toThrow();
  });

  test('says the same of a message before and after it is compiled', () => {
    const variants = variantsOf(messages[kind as keyof typeof messages]());
    expect(variants.some((message) => !validator.safeParse(message).success)).toBe(true);
    for (let round = 0; round < 100; round += 1) check({}); // it is compiled on the way
    for (const message of variants) {
      const [one, other] = [check(message), validator.safeParse(message)];
      expect(one.data).toEqual(other.data);
      expect(one.error?.issues).toEqual(other.error?.issues);
    }
  });
});

/** The message, and the same with each property missing, `null`, of another type, and unknown. */
function variantsOf(message: object): readonly object[] {
  return [
    message,
    ...Object.keys(message).flatMap((name) =>
      [undefined, null, 7, 'odd', {}, [{}]].map((value) => ({ ...message, [name]: value, unknown: 1 })),
    ),
  ];
}

function messageOf(bytes: number): string {
  const bare = json(messages.storage({}, { id: 'large', padding: '' }));
  return bare.replace('"padding":""', `"padding":"${'x'.repeat(bytes - Buffer.byteLength(bare))}"`);
}
