import { Writable } from 'node:stream';
import { pino } from 'pino';
import { onTestFinished, vi } from 'vitest';
import { type App, type AppExtras, startApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config/config.ts';
import { createLogger, type Logger } from '../../src/log.ts';
import type { SecurityLine } from '../../src/record/schema.ts';
import { readSecurityLine } from './security-lines.ts';
import { SECRET } from './tokens.ts';

/** Starts the real server on a free port for the running test. Without `REDIS_URL` it uses the in-process bus. */
export async function useApp(settings: Record<string, string> = {}, extras: AppExtras = {}): Promise<App> {
  const config = configOf(settings);
  const log = createLogger(config.logLevel === 'info' ? 'silent' : config.logLevel);
  return startForTest(config, log, extras);
}

/** The same, with the lines of its security log: each is checked against the schema. */
export async function useRecordedApp(
  settings: Record<string, string> = {},
): Promise<{ readonly app: App; readonly lines: readonly SecurityLine[] }> {
  const lines: SecurityLine[] = [];
  const app = await useApp(settings, {
    securityLines: () => ({
      write: (line) => void lines.push(readSecurityLine(line)),
      close: () => Promise.resolve(),
    }),
  });
  return { app, lines };
}

/** The same, with a log of everything and without redaction. Data that are never given to the log need not be hidden in it. */
export async function useTalkativeApp(
  settings: Record<string, string> = {},
  extras: AppExtras = {},
): Promise<{ readonly app: App; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return {
    app: await startForTest(configOf(settings), pino({ level: 'trace' }, destination), extras),
    lines,
  };
}

function configOf(settings: Record<string, string>): Config {
  const key = 'JWT_PUBLIC_KEY' in settings || 'JWT_JWKS_URL' in settings ? {} : { JWT_SECRET: SECRET };
  const standard = {
    PORT: '0',
    SHUTDOWN_SECONDS: '1',
    GRAPHIQL: 'false', // GraphiQL is large: only its own tests load it
    TOKEN_LEEWAY_SECONDS: '0', // tests of expiry need not wait for it
    SECURITY_LOG: 'off', // tests of it take its lines
  };
  return readConfig({ ...standard, ...key, ...settings }, { needsRedis: false });
}

async function startForTest(config: Config, log: Logger, extras: AppExtras): Promise<App> {
  const app = await startApp(config, log, extras);
  onTestFinished(() => {
    vi.useRealTimers(); // stopping takes real time
    return app.close();
  });
  return app;
}
