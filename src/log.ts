import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** Names under which a secret could reach a log line by mistake; pino replaces their values. */
const SECRET_NAMES = ['authorization', 'Authorization', 'token', 'password', 'secret', 'cookie', 'jwt'];

/**
 * JSON lines on standard output. Tokens, documents, variables and event bodies are never passed to it at info level.
 * @param base what every line says, such as the number of a worker.
 */
export function createLogger(level: LogLevel, base: Readonly<Record<string, number>> | null = null): Logger {
  return pino({
    level,
    base,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[redacted]',
    },
  });
}

/** From now on a promise that nobody waits for does not end the process when it fails. */
export function reportUnhandledRejections(log: Logger): void {
  process.on('unhandledRejection', (error) =>
    log.error({ err: error }, 'unhandled rejection: please report it'),
  );
}
