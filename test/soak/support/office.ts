import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Child } from '../../../demo/server/src/django/child.ts';
import { preparePython } from '../../../demo/server/src/django/python.ts';
import { SECRET } from '../../support/tokens.ts';
import type { Release } from './release.ts';

/** The DMS in several versions on one database: each serves its API, relays, and has colleagues who work at it. */
export interface Office {
  /** Brings the tables to a version. */
  migrate(release: Release): Promise<void>;
  /** From now on exactly these versions run. What must be sent is sent by whichever relay is there. */
  run(...releases: readonly Release[]): Promise<void>;
  /** Ends the work; the relays send what still waits. */
  rest(): Promise<void>;
  /** What `live_status` says of the outbox. */
  status(release: Release): Promise<{ readonly pending: number; readonly failed: number }>;
}

/** @param pauseSeconds between two deeds of a colleague. */
export async function useOffice(redisUrl: string, first: Release, pauseSeconds: number): Promise<Office> {
  const python = await preparePython();
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-upgrade-'));
  const running = new Map<Release, { relay: Child; serving: Child; colleagues: Child }>();
  onTestFinished(async () => {
    for (const { relay, serving, colleagues } of running.values())
      for (const child of [colleagues, serving, relay]) await child.kill();
    await rm(folder, { recursive: true, force: true });
  });
  const dmsOf = ({ django }: Release) =>
    django.createDjangoDms({
      python,
      redisUrl,
      databaseUrl: `sqlite:///${join(folder, 'dms.sqlite3')}`,
      secret: SECRET,
      settings: { DJANGO_SETTINGS_MODULE: 'config.quick_settings' },
    });
  async function manage(release: Release, ...args: readonly string[]): Promise<string> {
    const { code, output, errors } = await dmsOf(release).manage(...args);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${output}${errors}`);
    return output;
  }
  async function start(release: Release) {
    const dms = dmsOf(release);
    const [relay, serving] = [await dms.relay(), await dms.serve()];
    const colleagues = await dms.simulate(serving.said[1] ?? '', pauseSeconds);
    running.set(release, { relay, serving, colleagues });
  }
  async function stop(release: Release): Promise<void> {
    const children = running.get(release);
    running.delete(release);
    for (const child of [children?.colleagues, children?.serving, children?.relay]) await child?.stop();
  }
  const office: Office = {
    async migrate(release) {
      await manage(release, 'migrate', '--verbosity', '0');
    },
    async run(...releases) {
      for (const release of releases) if (!running.has(release)) await start(release);
      for (const release of running.keys()) if (!releases.includes(release)) await stop(release);
    },
    async rest() {
      for (const { colleagues, serving } of running.values()) {
        await colleagues.stop();
        await serving.stop();
      }
    },
    async status(release) {
      const { output } = await dmsOf(release).manage('live_status', '--json');
      return JSON.parse(output);
    },
  };
  await office.migrate(first);
  await manage(first, 'seed');
  return office;
}
