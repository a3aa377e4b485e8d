import { type Browser, chromium, type Page } from 'playwright-core';
import { beforeAll, expect, onTestFinished } from 'vitest';

/** Chromium's own sandbox and /dev/shm do not work in the container. The other switches stop its background requests. */
const SWITCHES = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];

export interface Chromium {
  browser(): Promise<Browser>;
  /**
   * Opens a page with its own profile. The page may only request `origin`, and must log no error; this is checked at the end of
   * the test.
   */
  open(origin: string, path: string, options?: PageOptions): Promise<Page>;
}

export interface PageOptions {
  /** Errors that the browser itself may log, for example that it is offline. */
  readonly mayLog?: RegExp;
  readonly colorScheme?: 'light' | 'dark';
  /** Prepares the page before it loads anything. */
  prepare?(page: Page): Promise<void>;
}

/** One for all test files of this process, since its start takes seconds. It ends with the process. */
let shared: Promise<Browser> | undefined;

/** Starts Chromium, and starts it again if it has crashed: then only the test that used it fails, and not all that follow. */
async function running(): Promise<Browser> {
  const known = await shared;
  if (known?.isConnected()) return known;
  if (known !== undefined) process.stderr.write('Chromium has ended by itself, and is started again.\n');
  shared = chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: SWITCHES,
    ignoreDefaultArgs: ['--disable-back-forward-cache'], // users have it
    // Playwright would close it for all test files that follow: a test of log rotation raises SIGHUP in its own process.
    handleSIGHUP: false,
  });
  return shared;
}

/** A real Chromium for the tests of a file. */
export function useChromium(): Chromium {
  beforeAll(running);
  return {
    browser: running,
    async open(origin, path, { mayLog, colorScheme = 'light', prepare } = {}) {
      const browser = await running();
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
