import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, createLogger, type Environment, type Logger, startApp } from 'dms-live';
import { APP_FOLDER, createAppFiles } from '../app-files.ts';
import { createDemoPage } from '../graphiql-page.ts';
import { writeGreeting } from '../greeting.ts';
import { type DemoConfig, readDemoConfig } from '../settings.ts';
import { signInDemoUsers } from '../signed-in-users.ts';
import type { Demo } from '../start-demo.ts';
import type { Child } from './child.ts';
import { createDjangoDms, type DjangoDms } from './django-dms.ts';
import { startOwnRedis } from './own-redis.ts';
import { createProxy } from './proxy.ts';
import { preparePython } from './python.ts';

/** What the DMS of the demo has as it is. */
const FIXED = [
  'JWT_ALGORITHMS',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'CLAIM_USER',
  'CLAIM_UNIT',
  'CLAIM_ROLE',
  'BASE_PATH',
];
const INTRODUCTION =
  'dms-live demo: a Django DMS of units 1, 2 and 3, at whose REST API a few colleagues work.';
/** How long the colleagues pause between two deeds, in seconds. */
const PAUSE_S = { busy: 1, calm: 4 } as const;
/** Django's, besides its API: the admin site, where the outbox can be seen. */
const DJANGO_PATHS = /^\/(api|admin|static)\//;

/** @throws {ConfigError} as {@link readDemoConfig} does, and for what the Django DMS would not know of. */
export function checkDjangoSettings(environment: Environment): void {
  const faults = FIXED.filter((setting) => environment[setting]?.trim()).map(
    (setting) => `${setting} cannot be used by the demo with Django: unset it.`,
  );
  if (faults.length > 0) throw new ConfigError(faults);
}

/** Starts a Redis (unless one is set), Django with a database of its own, the relay, colleagues, and the server. */
export async function startDjangoDemo(environment: Environment): Promise<Demo> {
  checkDjangoSettings(environment);
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  const use = <Started extends { readonly child: Child }>(started: Started): Started => {
    stops.push(started.child.stop);
    return started;
  };
  try {
    const redisUrl = environment['REDIS_URL']?.trim() || use(await startOwnRedis()).url;
    const config = readDemoConfig({ ...environment, REDIS_URL: redisUrl });
    const log = createLogger(config.logLevel);
    const folder = await mkdtemp(join(tmpdir(), 'dms-live-demo-'));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const dms = await prepareDms(config, redisUrl, folder);

    const django = use({ child: await dms.serve() });
    const relay = use({ child: await dms.relay() });
    const address = django.child.said[1] ?? '';
    const users = await signInDemoUsers(config);
    const [proxy, appFiles] = [createProxy(address), await createAppFiles(APP_FOLDER)];
    const app = await startApp(config, log, {
      graphiql: createDemoPage(users, config),
      otherwise: (request, response) =>
        DJANGO_PATHS.test(request.url ?? '') ? proxy(request, response) : appFiles(request, response),
    });
    stops.push(app.close);
    const { pace = 'calm' } = config.demo;
    const colleagues = pace === 'paused' ? [] : [use({ child: await dms.simulate(address, PAUSE_S[pace]) })];
    for (const { child } of [django, relay, ...colleagues]) watch(child, log);
    return {
      app,
      users,
      greeting: writeGreeting(app.url, config, users, INTRODUCTION),
      close: stopAll,
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

async function prepareDms(config: DemoConfig, redisUrl: string, folder: string): Promise<DjangoDms> {
  const { key } = config.token;
  if (key.form !== 'secret')
    throw new TypeError('only a secret can sign tokens in Django and be checked here');
  const dms = createDjangoDms({
    python: await preparePython(),
    redisUrl,
    databaseUrl: `sqlite:///${join(folder, 'dms.sqlite3')}`,
    secret: key.secret,
    settings: {
      TOPIC_PREFIX: config.topicPrefix,
      ACCESS_TOKEN_SECONDS: `${config.demo.accessTokenSeconds}`,
    },
  });
  for (const command of [['migrate', '--verbosity', '0'], ['seed']]) {
    const { code, output, errors } = await dms.manage(...command);
    if (code !== 0) throw new Error(`manage.py ${command.join(' ')} failed:\n${output}${errors}`);
  }
  return dms;
}

/** Says so if one ends by itself. */
function watch(child: Child, log: Logger): void {
  child.ended.then(
    (isStopped) =>
      isStopped || log.error({ output: child.output.slice(-2000) }, 'a part of the demo has ended'),
    () => undefined,
  );
}
