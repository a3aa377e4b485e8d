import type { GraphQLError } from 'graphql';
import type { Config } from '../config/config.ts';
import { toErrorCode } from '../errors.ts';
import { createTidyMessage } from '../graphql/error-text.ts';
import { createErrorMask } from '../graphql/mask-error.ts';
import { createHealth } from '../health.ts';
import type { Logger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { toDestination } from '../record/destination.ts';
import { NO_SECURITY_LOG } from '../record/security-log.ts';
import { createSecurityLog, type OpenSecurityLog, type OpenSink } from '../record/writer.ts';

export type Reports = ReturnType<typeof createReports>;

/** What every floor reports to. */
export function createReports(config: Config, log: Logger, securityLines?: OpenSink) {
  const { introspection } = config;
  const securityLog = openSecurityLog(config, log, securityLines);
  const metrics = createMetrics();
  const health = createHealth(log);
  const maskError = createErrorMask(log, createTidyMessage({ hideSuggestions: !introspection }));
  const onErrors = ([error]: readonly GraphQLError[]): void =>
    metrics.failed(toErrorCode(error?.extensions['code']));
  return { metrics, health, maskError, onErrors, securityLog, log };
}

/** @throws when its file cannot be opened. */
function openSecurityLog({ securityLog }: Config, log: Logger, given?: OpenSink): OpenSecurityLog {
  const { destination, level } = securityLog;
  const open = given ?? (destination === undefined ? undefined : toDestination(destination, log));
  if (open === undefined) return { ...NO_SECURITY_LOG, close: () => Promise.resolve() };
  return createSecurityLog({ level, open });
}
