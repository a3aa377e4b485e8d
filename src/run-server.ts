import { startApp } from './app.ts';
import { ConfigError, readConfig } from './config/config.ts';
import type { Environment } from './config/reader.ts';
import { SchemaError } from './events/schema-error.ts';
import { createLogger, type Logger } from './log.ts';

/**
 * Runs the server as this process, until SIGTERM or SIGINT.
 * @returns the exit code: 0 once it has stopped, 1 if it could not start; then standard error says why.
 */
export async function runServer(environment: Environment): Promise<number> {
  try {
    const config = readConfig(environment, { needsRedis: true });
    const log = createLogger(config.logLevel);
    process.on('unhandledRejection', (error) =>
      log.error({ err: error }, 'unhandled rejection: please report it'),
    );
    const stopped = untilSignal(log);
    const app = await startApp(config, log);
    await stopped;
    await app.close();
    return 0;
  } catch (error) {
    const reason =
      error instanceof ConfigError || error instanceof SchemaError || isListenError(error)
        ? error.message
        : error;
    process.stderr.write(`${reason instanceof Error ? reason.stack : reason}\n`);
    return 1;
  }
}

/** Resolves on the first signal to stop. A second one of its kind ends the process at once, as by default. */
function untilSignal(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log.info({ signal }, 'stopping');
        resolve();
      });
    }
  });
}

/** The port is taken, or not ours to take. */
function isListenError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}
