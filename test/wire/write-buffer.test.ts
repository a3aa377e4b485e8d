import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { getDefaultHighWaterMark, setDefaultHighWaterMark } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { useApp } from '../support/app.ts';

test('a replay waits for a slow client as soon with every version of Node', async () => {
  const ownDefault = getDefaultHighWaterMark(false);
  setDefaultHighWaterMark(false, 65_536); // as Node 22 and later have it
  const accepted: Socket[] = [];
  const listen = (message: unknown): void => void accepted.push((message as { socket: Socket }).socket);
  subscribe('net.server.socket', listen);
  onTestFinished(() => {
    unsubscribe('net.server.socket', listen);
    setDefaultHighWaterMark(false, ownDefault);
  });
  const app = await useApp();
  await (await fetch(`${app.url}/health`)).text();
  expect(accepted.map(({ writableHighWaterMark }) => writableHighWaterMark)).toEqual([16_384]);
});
