import { expect, test } from 'vitest';
import { useChromium } from './browser.ts';

const chromium = useChromium();

test('Chromium goes on when a test raises SIGHUP, which is meant for something else in its process', async () => {
  const browser = await chromium.browser();
  process.emit('SIGHUP');
  // Chromium takes commands in their order. One that ends would not do this any more.
  await (await browser.newContext()).close();
  expect(browser.isConnected()).toBe(true);
});
