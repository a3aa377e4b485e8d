import type { GraphQLError } from 'graphql';
import type { Bus } from '../bus/bus.ts';
import type { Config } from '../config/config.ts';
import { toErrorCode } from '../errors.ts';
import { createTidyMessage } from '../graphql/error-text.ts';
import { createErrorMask } from '../graphql/mask-error.ts';
import { createHealth } from '../health.ts';
import type { Logger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { toDestination } from '../record/destination.ts';
import { NO_SECURITY_LOG } from '../record/security-log.ts';
import { toAll } from '../record/sinks.ts';
import { createLineStream } from '../record/stream.ts';
import { createSecurityLog, type OpenSecurityLog, type OpenSink } from '../record/writer.ts';

export type Reports = ReturnType<typeof createReports>;

/** What every floor reports to. */
export function createReports(config: Config, log: Logger, securityLines?: OpenSink) {
  const { introspection } = config;
  const security = openSecurityLog(config, log, securityLines);
  const metrics = createMetrics();
  const health = createHealth(log);
  const maskError = createErrorMask(log, createTidyMessage({ hideSuggestions: !introspection }));
  const onErrors = ([error]: readonly GraphQLError[]): void =>
    metrics.failed(toErrorCode(error?.extensions['code']));
  return { metrics, health, maskError, onErrors, ...security, log };
}

/** @throws when its file cannot be opened. */
function openSecurityLog({ securityLog }: Config, log: Logger, given?: OpenSink) {
  const { destination, level, key, stream, streamKeeps } = securityLog;
  const lineStream = stream === 'off' ? undefined : createLineStream({ takesLines: stream === 'all', log });
  const own = given ?? (destination === undefined ? undefined : toDestination(destination, log));
  const opened = [own, lineStream?.open].filter((open) => open !== undefined);
  const none: OpenSecurityLog = { ...NO_SECURITY_LOG, close: () => Promise.resolve() };
  return {
    securityLog: opened.length === 0 ? none : createSecurityLog({ level, key, open: toAll(opened) }),
    /** Begins to add lines to the stream, if that is wanted. */
    connectStream({ addEntries }: Bus, name: string): void {
      lineStream?.connect((entries) => addEntries?.(name, entries, streamKeeps) ?? Promise.resolve());
    },
  };
}
