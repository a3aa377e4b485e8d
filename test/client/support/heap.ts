import type { CDPSession, Page } from 'playwright-core';

/** Measures the memory of a page. */
export interface Heap {
  /** What is in use once all that is garbage is gone, in bytes. */
  used(): Promise<number>;
}

export async function watchHeap(page: Page): Promise<Heap> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  return {
    async used() {
      // Twice: what the first finds to be garbage may have held on to more.
      await session.send('HeapProfiler.collectGarbage');
      await session.send('HeapProfiler.collectGarbage');
      return (await session.send('Runtime.getHeapUsage')).usedSize;
    },
  };
}
