/**
 * A tab of Chromium that Playwright does not know: Playwright makes its pages believe that they have the focus, and such a page is
 * never frozen.
 */
import type { Browser } from 'playwright-core';
import { onTestFinished } from 'vitest';

export interface RawTab {
  /** The value of an expression, as JSON has it. */
  evaluate(expression: string): Promise<unknown>;
  /** The browser freezes the page: it runs nothing more until `thaw`. */
  freeze(): Promise<unknown>;
  thaw(): Promise<unknown>;
}

/** @param prepare runs before the page's own scripts. All such tabs of a browser share storage, locks and channels. */
export async function openRawTab(browser: Browser, url: string, prepare: string): Promise<RawTab> {
  const session = await browser.newBrowserCDPSession();
  const { targetId } = await session.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await session.send('Target.attachToTarget', { targetId });
  const waiting = new Map<number, (result: Record<string, unknown>) => void>();
  let count = 0;

  session.on('Target.receivedMessageFromTarget', (received) => {
    if (received.sessionId !== sessionId) return;
    const { id, result } = JSON.parse(received.message);
    waiting.get(id)?.(result ?? {});
    waiting.delete(id);
  });

  async function send(method: string, params: object): Promise<Record<string, unknown>> {
    count += 1;
    const id = count;
    const answer = new Promise<Record<string, unknown>>((resolve) => waiting.set(id, resolve));
    const message = JSON.stringify({ id, method, params });
    await session.send('Target.sendMessageToTarget', { sessionId, message });
    return answer;
  }

  onTestFinished(async () => {
    await session.send('Target.closeTarget', { targetId });
    await session.detach();
  });
  await send('Page.enable', {});
  await send('Page.addScriptToEvaluateOnNewDocument', { source: prepare });
  await send('Page.navigate', { url });
  return {
    async evaluate(expression) {
      const { result } = await send('Runtime.evaluate', { expression, returnByValue: true });
      return Object(result).value;
    },
    freeze: () => send('Page.setWebLifecycleState', { state: 'frozen' }),
    thaw: () => send('Page.setWebLifecycleState', { state: 'active' }),
  };
}
