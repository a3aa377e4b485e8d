import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './child.ts';
import { DJANGO_FOLDER, type Ended, run } from './python.ts';

export interface DmsSettings {
  /** The Python that has what the DMS needs. */
  readonly python: string;
  readonly redisUrl: string;
  /** As Django's `DATABASE_URL`. */
  readonly databaseUrl: string;
  /** Signs the tokens: the server's `JWT_SECRET`. */
  readonly secret: string;
  /** Further settings, from the environment. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The small DMS in Django, on this machine. */
export interface DjangoDms {
  /** Runs one of its commands to its end. */
  manage(...args: readonly string[]): Promise<Ended>;
  /** Serves its REST API; the match's first group is the address. */
  serve(): Promise<Child>;
  /** Sends what is still to be sent, for as long as it runs. */
  relay(): Promise<Child>;
  /**
   * Colleagues who work at its REST API.
   * @param pause between two deeds, in seconds.
   */
  simulate(url: string, pause: number): Promise<Child>;
}

const DMS_FOLDER = fileURLToPath(new URL('../../../django/', import.meta.url));

const SERVES = /Starting development server at (http:\/\/[\d.]+:\d+)/;
const RELAYS = /relay/i;
const SIMULATES = /at work/;

export function createDjangoDms({ python, redisUrl, databaseUrl, secret, settings }: DmsSettings): DjangoDms {
  const env = {
    PATH: process.env['PATH'],
    PYTHONUNBUFFERED: '1',
    PYTHONPATH: DJANGO_FOLDER,
    DJANGO_SETTINGS_MODULE: 'config.settings',
    REDIS_URL: redisUrl,
    DATABASE_URL: databaseUrl,
    SECRET_KEY: secret,
    ...settings,
  };
  const start = (ready: RegExp, ...args: readonly string[]): Promise<Child> =>
    startChild({ program: python, args: ['manage.py', ...args], env, cwd: DMS_FOLDER, ready });
  return {
    manage: (...args) => run(python, ['manage.py', ...args], { cwd: DMS_FOLDER, env }),
    serve: () => start(SERVES, 'runserver', '--noreload', '--insecure', '127.0.0.1:0'),
    relay: () => start(RELAYS, 'relay_live_events'),
    simulate: (url, pause) => start(SIMULATES, 'simulate', url, '--pause', `${pause}`),
  };
}
