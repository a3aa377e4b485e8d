import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import { type ProbeServer, type Probes, startProbeServer } from '../transport/probes.ts';

type ProbeSettings = Pick<Config, 'metrics' | 'basePath'>;

/** The port of the metrics, if they have one. The supervisor answers there. */
export interface ProbePort {
  /**
   * Listens as the settings say, instead of as earlier ones said.
   * @throws when it cannot; then it listens as before.
   */
  listen(settings: ProbeSettings): Promise<void>;
  close(): Promise<void>;
}

export function createProbePort(probes: Probes, log: Logger): ProbePort {
  let current: ProbeSettings = { metrics: undefined, basePath: '' };
  let server: ProbeServer | undefined;

  const start = async ({ metrics, basePath }: ProbeSettings): Promise<ProbeServer | undefined> =>
    metrics && startProbeServer(probes, { ...metrics, basePath, log });

  /** The same port, on another address or with other paths, is free only when the earlier server has left it. */
  async function replaceOnPort(settings: ProbeSettings): Promise<void> {
    await server?.close();
    try {
      server = await start(settings);
    } catch (error) {
      server = await start(current);
      throw error;
    }
  }

  return {
    async listen({ metrics, basePath }) {
      const settings = { metrics, basePath };
      if (isDeepStrictEqual(settings, current)) return;
      if (metrics?.port === current.metrics?.port) await replaceOnPort(settings);
      else {
        const before = server;
        server = await start(settings);
        await before?.close();
      }
      current = settings;
    },
    close: async () => server?.close(),
  };
}
