import { afterAll, beforeAll } from 'vitest';
import { startDemo } from '../../../demo/server/src/start-demo.ts';
import { makeDms } from '../../django/support/dms.ts';
import type { Addressed } from '../../support/clients.ts';
import { readQuietConfig } from '../../support/demo.ts';

/** A DMS that a test can start and stop. */
interface DmsKind {
  readonly name: 'simulated' | 'Django';
  start(): Promise<{ readonly app: Addressed; close(): Promise<void> }>;
}

/** No server listens there. The REST API still commits and answers. */
const NO_REDIS = 'redis://127.0.0.1:1';

/** The two DMSs of this repository, with the same REST API. Only the tests use them. */
export const DMSES: readonly DmsKind[] = [
  { name: 'simulated', start: () => startDemo(readQuietConfig()) },
  {
    name: 'Django',
    async start() {
      const { dms, close } = await makeDms(NO_REDIS, { settings: { LIVE_SENDER: 'relay' } });
      await dms.serve();
      return { app: dms, close };
    },
  },
];

/** The address of a DMS's REST API. */
export interface Dms {
  readonly name: DmsKind['name'];
  readonly app: Addressed;
}

/** One DMS for all tests of a `describe`. Each test creates the rows that it uses. */
export function useDmsOf({ name, start }: DmsKind): Dms {
  let started: Awaited<ReturnType<DmsKind['start']>> | undefined;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(() => started?.close());
  return {
    name,
    get app() {
      if (started === undefined) throw new Error(`the ${name} DMS has not started`);
      return started.app;
    },
  };
}
