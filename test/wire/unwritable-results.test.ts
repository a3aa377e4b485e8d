/** A result that cannot be written as JSON is a fault of ours: it ends its subscription, and its client learns no more than that. */
import { afterEach, expect, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { useSignedInRawClient, useStream } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { publish } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

const KPIS = 'subscription { dashboardKpis { id } }';
const FAULT = 'cannot write secret_column';
const MASKED = {
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
  message: expect.not.stringContaining(FAULT),
};

afterEach(() => void vi.restoreAllMocks());

/** From now on the results cannot be written. */
function breakWriting(): void {
  const { stringify } = JSON;
  vi.spyOn(JSON, 'stringify').mockImplementation((value, ...others) => {
    if (value?.data?.dashboardKpis !== undefined) throw new Error(FAULT);
    return stringify(value, ...others);
  });
}

const publishKpis = (app: App, id: string) =>
  publish(app, id, { channel: { kind: 'kpis', unitId: '5' }, event: messages.kpis({ unitId: 5 }) });

test('over a WebSocket', async () => {
  const app = await useApp({ KPI_INTERVAL_MS: '0' });
  const client = await useSignedInRawClient(app, await people.head());
  client.send({ id: 'a', type: 'subscribe', payload: { query: KPIS } });
  await publishKpis(app, '1');
  expect(await client.next()).toMatchObject({ type: 'next' });
  breakWriting();
  await publishKpis(app, '2');
  expect(await client.next()).toMatchObject({ id: 'a', type: 'error', payload: [MASKED] });
});

test('over an event stream', async () => {
  const app = await useApp({ KPI_INTERVAL_MS: '0' });
  const stream = await useStream(app, KPIS, await people.head());
  await publishKpis(app, '1');
  expect(await stream.next()).toMatchObject({ event: 'next' });
  breakWriting();
  await publishKpis(app, '2');
  expect(await stream.next()).toMatchObject({ event: 'next', data: { errors: [MASKED] } });
});
