import { startApp } from './app.ts';
import { ConfigError, readConfig } from './config/config.ts';
import { SchemaError } from './events/schema-error.ts';
import { createLogger } from './log.ts';

try {
  const config = readConfig(process.env, { needsRedis: true });
  const log = createLogger(config.logLevel);
  process.on('unhandledRejection', (error) =>
    log.error({ err: error }, 'unhandled rejection: please report it'),
  );
  const starting = startApp(config, log);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      starting.then(
        (app) => app.close(),
        () => undefined, // the error is written below
      );
    });
  }
  await starting;
} catch (error) {
  const reason =
    error instanceof ConfigError || error instanceof SchemaError || isListenError(error)
      ? error.message
      : error;
  process.stderr.write(`${reason instanceof Error ? reason.stack : reason}\n`);
  process.exitCode = 1;
}

/** The port is taken, or not ours to take. */
function isListenError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}
