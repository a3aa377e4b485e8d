import { ConfigError } from './config/config.ts';
import { SchemaError } from './events/schema-error.ts';
import { ManifestError } from './graphql/manifest-error.ts';

/** The server cannot start, or cannot live; the message says all that its operator can use. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Why the server cannot start, for its operator: with a stack only if it is a fault of ours. */
export function describeStartFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = [ConfigError, SchemaError, ManifestError, StartError].some(
    (kind) => error instanceof kind,
  );
  return isExpected || isListenError(error) ? error.message : (error.stack ?? error.message);
}

/** The port is taken, or not ours to take. */
function isListenError(error: Error): boolean {
  return 'syscall' in error && (error.syscall === 'listen' || error.syscall === 'bind');
}
