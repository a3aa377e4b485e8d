/** Live queries in React, in a real Chromium under StrictMode: many hooks share one subscription. */
import { expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useChromium } from '../browser/browser.ts';
import { useApp } from '../support/app.ts';
import { messages } from '../support/events.ts';
import { until } from '../support/redis.ts';
import { publish } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';
import { servePage } from './support/bundle.ts';

const chromium = useChromium();
const page = await servePage('bridge');

interface Row {
  readonly id: number;
  readonly status: string;
}

const eventually = <Value>(look: () => Value | Promise<Value>) =>
  expect.poll(look, { timeout: 20_000, interval: 20 });

/** @param before happens before the page is opened. */
async function open(rows: Map<number, Row>, before?: (app: App) => Promise<void>) {
  const app = await useApp({}, { otherwise: page });
  await before?.(app);
  const sent: string[] = [];
  const fetches: unknown[] = [];
  const opened = await chromium.open(app.url, '/', {
    async prepare(prepared) {
      prepared.on('websocket', (socket) =>
        socket.on('framesent', ({ payload }) => sent.push(String(payload))),
      );
      await prepared.exposeFunction('getToken', people.head);
      await prepared.exposeFunction('fetchRows', (key: readonly unknown[]) => {
        fetches.push(key[2]);
        return [...rows.values()].filter(({ status }) => key[2] === 'all' || status === key[2]);
      });
    },
  });
  const text = async (id: string) => (await opened.getByTestId(id).textContent()) ?? '';
  const isQuiet = async () => (await opened.locator('[aria-busy=true]').count()) === 0;
  // The lists are fetched when the page opens, and not again when the subscriptions start.
  await until(async () => fetches.length >= 2 && app.stats().subscriptions === 2 && (await isQuiet()));
  return {
    app,
    opened,
    fetches,
    sent,
    text,
    isQuiet,
    row: async (id: number, name: string) => opened.getByTestId(`row ${id}`).getAttribute(name),
    async change(row: Row, action: string, actor = { id: 9, name: 'Noor', role: 'QC' }): Promise<void> {
      rows.set(row.id, row);
      await publish(app, crypto.randomUUID(), {
        channel: { kind: 'request', unitId: '5' },
        event: messages.request({ ...row }, { action, actor }),
      });
    },
  };
}

const twoRows = () =>
  new Map([
    [1, { id: 1, status: 'Pending' }],
    [2, { id: 2, status: 'Approved' }],
  ]);

test('two lists with the same hook share a subscription; a change is written, shown, and highlighted for a while', async () => {
  const { app, opened, fetches, text, row, change, isQuiet } = await open(twoRows());
  // One for requests and one for send-backs: the audit trail is refused.
  await until(() => app.stats().subscriptions === 2);
  expect(await text('refusal')).toBe('FORBIDDEN');
  const rendersBefore = await row(1, 'data-renders');
  await change({ id: 2, status: 'Issued' }, 'ISSUED');
  await eventually(() => text('row 2')).toBe('Issued');
  await eventually(() => row(2, 'data-changes')).toBe('nothing, ISSUED, nothing');
  expect(await row(1, 'data-renders')).toBe(rendersBefore);
  expect(await isQuiet()).toBe(true);
  expect(fetches).toEqual(['all', 'Pending']); // opening the screen costs one request for each query

  await change({ id: 1, status: 'Rejected' }, 'REJECTED');
  await eventually(() => text('Pending')).toBe('');
  await until(isQuiet);
  expect(fetches.slice(2)).toEqual(['Pending']);

  // The panel for developers, by the keyboard.
  const button = opened.getByRole('button', { name: 'Live devtools: live' });
  await button.press('Enter');
  const panel = opened.getByRole('dialog', { name: 'Live devtools' });
  await eventually(() => panel.getByRole('table').first().innerText()).toMatch(
    /request REJECTED[\s\S]*"Pending",5\]: patched and fetched. The row does not fit[\s\S]*request ISSUED[\s\S]*No row has this id/,
  );
  expect(await panel.getByRole('button', { name: 'Close' }).evaluate((one) => one.matches(':focus'))).toBe(
    true,
  );
  await opened.keyboard.press('Escape');
  expect(await panel.count()).toBe(0);
  expect(await button.evaluate((one) => one.matches(':focus'))).toBe(true);
});

test('notifications show other people’s changes and the user’s send-backs; the user’s own changes only if requested', async () => {
  const { app, sent, text, change } = await open(twoRows(), async (app) => {
    await publish(app, 'earlier', {
      channel: { kind: 'request', unitId: '5' },
      event: messages.request({ id: 2, status: 'Approved' }, { action: 'ISSUED' }),
    });
  });
  await until(() => app.stats().subscriptions === 2);
  // It begins some seconds in the past for the lists that share it. Nobody is notified of what happened then.
  const [pastMs] = sent.flatMap((frame) => JSON.parse(frame).payload?.extensions?.pastMs ?? []);
  expect(pastMs).toBeGreaterThanOrEqual(5000);
  const ada = { id: 17, name: 'Ada', role: 'Section Head' };
  await change({ id: 2, status: 'Issued' }, 'ISSUED', ada);
  await eventually(() => text('notified')).toBe('own ISSUED');
  await change({ id: 2, status: 'Returned' }, 'RETURNED');
  await eventually(() => text('notified')).toBe('own ISSUED, RETURNED by Noor');
  await publish(app, 'sent back', {
    channel: { kind: 'sendback', userId: '17' },
    event: messages.sendback(),
  });
  await eventually(() => text('notified')).toBe('own ISSUED, RETURNED by Noor, sent back: Wrong shelf');
});

test('a subscription continues from one screen to the next, and ends after the last', async () => {
  const { app, opened, fetches, text, change, isQuiet } = await open(twoRows());
  const toggle = () => opened.getByRole('button', { name: 'Toggle' }).click();
  await toggle();
  await toggle();
  await change({ id: 1, status: 'Sent Back' }, 'SENT_BACK');
  await eventually(() => text('row 1')).toBe('Sent Back');
  await eventually(() => text('Pending')).toBe('');
  await until(isQuiet);
  expect(fetches.slice(2)).toEqual(['Pending']);
  await toggle();
  await until(() => app.stats().subscriptions === 0 && app.stats().connections === 0);
});
