/** Data that stays hidden in an event that the viewer may see. */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { type Data, subscribed, useClient, useStream } from '../support/clients.ts';
import { entities, messages } from '../support/events.ts';
import { people } from '../support/tokens.ts';

const publish = (app: App, topic: string, message: unknown): Promise<void> =>
  app.bus.publish(topic, JSON.stringify(message));

/** The first event after a message is published. The WebSocket client and the SSE client must get the same. */
async function delivered(
  app: App,
  token: string,
  query: string,
  topic: string,
  message: unknown,
): Promise<Data> {
  const operation = await subscribed(useClient(app, token), query);
  const stream = await useStream(app, query, token);
  await publish(app, topic, message);
  const data = await operation.data();
  expect((await stream.next())?.data).toEqual({ data });
  return data;
}

describe('data of another unit nested in an event', () => {
  const query = `subscription {
    crateUpdated(unitId: 5) { crate { unitId storage { id unitId } documents { id unitId } } }
  }`;
  const relocated = messages.crate({
    storage: entities.storage({ id: 71, unitId: 7 }),
    documents: [{ id: 1 }, { id: 2, unitId: 7 }, { id: 3, unitId: 5 }, { id: 4, unitId: 'null' }],
  });

  test('is null, and is left out of lists', async () => {
    const app = await useApp();
    const data = await delivered(app, await people.head(), query, 'dms:crate:unit:5', relocated);
    expect(data['crateUpdated'].crate).toEqual({
      unitId: '5',
      storage: null,
      documents: [
        { id: '1', unitId: null },
        { id: '3', unitId: '5' },
      ],
    });
  });

  test('is visible to a System Admin', async () => {
    const app = await useApp();
    const data = await delivered(app, await people.admin(), query, 'dms:crate:unit:5', relocated);
    expect(data['crateUpdated'].crate.storage).toEqual({ id: '71', unitId: '7' });
    expect(data['crateUpdated'].crate.documents).toHaveLength(4);
  });

  test('is null at any depth, under any alias and in fragments', async () => {
    const app = await useApp();
    const deep = `subscription {
      mine: requestUpdated { ...Event again: request { box: crate { ... on Crate { id } } } }
    }
    fragment Event on RequestEvent { request { id crate { id place: storage { roomName } } } }`;
    const moved = messages.request({ crate: entities.crate({ unitId: 7 }) });
    expect(await delivered(app, await people.head(), deep, 'dms:request:unit:5', moved)).toEqual({
      mine: { request: { id: '4821', crate: null }, again: { box: null } },
    });
    const placed = messages.request({ crate: entities.crate({ storage: entities.storage({ unitId: 7 }) }) });
    expect(await delivered(await useApp(), await people.head(), deep, 'dms:request:unit:5', placed)).toEqual({
      mine: { request: { id: '4821', crate: { id: '301', place: null } }, again: { box: { id: '301' } } },
    });
  });
});

describe('a send-back addressed to a person', () => {
  const query =
    'subscription { sendBackCreated(mine: true) { sendBack { unitId reason requestId request { id } } } }';

  test('reaches that person from another unit, without the request but with its id', async () => {
    const app = await useApp();
    const message = messages.sendback({ unitId: 7, request: entities.request({ unitId: 7 }) });
    const data = await delivered(app, await people.head(), query, 'dms:sendback:user:17', message);
    expect(data['sendBackCreated'].sendBack).toEqual({
      unitId: '7',
      reason: 'Wrong shelf',
      requestId: '4821',
      request: null,
    });
  });

  test('contains its request if the request belongs to the viewer’s unit', async () => {
    const app = await useApp();
    const data = await delivered(
      app,
      await people.head(),
      query,
      'dms:sendback:user:17',
      messages.sendback({ unitId: 7 }),
    );
    expect(data['sendBackCreated'].sendBack.request).toEqual({ id: '4821' });
  });

  test('reaches nobody else', async () => {
    const app = await useApp();
    const stranger = await subscribed(useClient(app, await people.stranger()), query);
    await publish(app, 'dms:sendback:user:17', messages.sendback({ unitId: 7 }));
    await publish(app, 'dms:sendback:unit:7', messages.sendback({ unitId: 7 }));
    await publish(app, 'dms:sendback:user:23', messages.sendback({ unitId: 7, reason: 'for me' }));
    expect((await stranger.data())['sendBackCreated'].sendBack.reason).toBe('for me');
  });
});

test('an event whose unit differs from its topic’s unit goes to nobody', async () => {
  const app = await useApp();
  const query = (unitId: number): string => `subscription { storageUpdated(unitId: ${unitId}) { id } }`;
  const head = await subscribed(useClient(app, await people.head()), query(5));
  const stranger = await subscribed(useClient(app, await people.stranger()), query(7));
  const admin = await subscribed(
    useClient(app, await people.admin()),
    'subscription { storageUpdated { id } }',
  );
  await publish(app, 'dms:storage:unit:5', messages.storage({ unitId: 7 }, { id: 'stray' }));
  await publish(app, 'dms:storage:unit:5', messages.storage({ unitId: 5 }, { id: 'to 5' }));
  await publish(app, 'dms:storage:unit:7', messages.storage({ unitId: 7 }, { id: 'to 7' }));
  const idOf = (data: Data): string => data['storageUpdated'].id;
  expect(idOf(await head.data())).toBe('to 5');
  expect(idOf(await stranger.data())).toBe('to 7');
  expect([idOf(await admin.data()), idOf(await admin.data())]).toEqual(['to 5', 'to 7']);
});
