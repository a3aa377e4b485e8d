import { expect } from 'vitest';
import { type LiveServer, useServer } from '../../faults/support/world.ts';
import type { Release } from './release.ts';

type Name = Release['name'];

/** Servers of several versions on one Redis. */
export interface Fleet {
  /** From now on servers of exactly these versions run. New ones come before others leave. */
  run(names: readonly Name[]): Promise<void>;
  /** The URL of the next server, in turn. */
  readonly route: () => string;
  /** Those that have left as well. */
  readonly everyServer: readonly LiveServer[];
}

export function useFleet(redisUrl: string, releases: Readonly<Record<Name, Release>>): Fleet {
  const running: { readonly name: Name; readonly server: LiveServer }[] = [];
  const everyServer: LiveServer[] = [];
  let turn = 0;

  /** How many servers of a version run beyond those that should. */
  const excess = (names: readonly Name[], name: Name): number =>
    running.filter((one) => one.name === name).length - names.filter((one) => one === name).length;

  async function start(name: Name): Promise<void> {
    const server = await useServer(redisUrl, {}, releases[name].dist);
    running.push({ name, server });
    everyServer.push(server);
  }

  async function stop(name: Name): Promise<void> {
    const index = running.findIndex((one) => one.name === name);
    const [leaving] = running.splice(index, 1);
    leaving?.server.program.child.kill('SIGTERM');
    expect(await leaving?.server.program.exited).toBe(0);
  }

  return {
    async run(names) {
      for (const name of ['old', 'new'] as const) while (excess(names, name) < 0) await start(name);
      for (const name of ['old', 'new'] as const) while (excess(names, name) > 0) await stop(name);
    },
    route() {
      turn += 1;
      return running[turn % running.length]?.server.url ?? '';
    },
    everyServer,
  };
}
