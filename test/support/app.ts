import { onTestFinished, vi } from 'vitest';
import { type App, type AppExtras, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/log.ts';
import { SECRET } from './tokens.ts';

/** Starts the real server on a free port for the running test; without `REDIS_URL` over the in-process bus. */
export async function useApp(settings: Record<string, string> = {}, extras: AppExtras = {}): Promise<App> {
  const key = 'JWT_PUBLIC_KEY' in settings || 'JWT_JWKS_URL' in settings ? {} : { JWT_SECRET: SECRET };
  const environment = { PORT: '0', SHUTDOWN_SECONDS: '1', ...key, ...settings };
  const config = readConfig(environment, { needsRedis: false });
  const app = await startApp(
    config,
    createLogger(config.logLevel === 'info' ? 'silent' : config.logLevel),
    extras,
  );
  onTestFinished(() => {
    vi.useRealTimers(); // stopping takes real time
    return app.close();
  });
  return app;
}
