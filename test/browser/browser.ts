import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';

/** The container's sandbox and small /dev/shm do not suit Chromium's own; and nothing but the page may ask for anything. */
const SWITCHES = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];

export interface Chromium {
  /** A page of its own profile that may only ask `origin`, and must log no error; checked when the test is over. */
  open(origin: string, path: string, options?: PageOptions): Promise<Page>;
}

export interface PageOptions {
  /** Errors that the browser itself may log, such as that it is offline. */
  readonly mayLog?: RegExp;
  readonly colorScheme?: 'light' | 'dark';
  /** Prepares the page before it goes anywhere. */
  prepare?(page: Page): Promise<void>;
}

/** A real Chromium for the tests of a file. */
export function useChromium(): Chromium {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: SWITCHES });
  });
  afterAll(() => browser?.close());

  return {
    async open(origin, path, { mayLog, colorScheme = 'light', prepare } = {}) {
      if (browser === undefined) throw new Error('Chromium has not started');
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme });
      const page = await context.newPage();
      const faults: string[] = [];
      await context.route(
        (url) => url.origin !== origin && /^(http|ws)s?:$/.test(url.protocol),
        async (route) => {
          faults.push(`asked another host: ${route.request().url()}`);
          await route.abort();
        },
      );
      page.on('pageerror', (error) => faults.push(`threw: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !mayLog?.test(message.text()))
          faults.push(`logged: ${message.text()}`);
      });
      onTestFinished(async () => {
        await context.close();
        expect(faults).toEqual([]);
      });
      await prepare?.(page);
      await page.goto(`${origin}${path}`);
      return page;
    },
  };
}
