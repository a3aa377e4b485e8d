import type { CDPSession, Page } from 'playwright-core';

/** Measures the memory of a page. */
export interface Heap {
  /** The used memory after garbage collection, in bytes. */
  used(): Promise<number>;
}

export async function watchHeap(page: Page): Promise<Heap> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  return {
    async used() {
      // Twice, because the first collection may free objects that held other objects.
      await session.send('HeapProfiler.collectGarbage');
      await session.send('HeapProfiler.collectGarbage');
      return (await session.send('Runtime.getHeapUsage')).usedSize;
    },
  };
}
