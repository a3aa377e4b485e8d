import type { SecurityLogLevel } from '../record/writer.ts';
import type { Reader } from './reader.ts';

/** Where the security log goes. */
export interface SecurityLogSettings {
  /** `stdout`, the path of a file, or `undefined`: there is none. */
  readonly destination: string | undefined;
  readonly level: SecurityLogLevel;
}

export function readSecurityLogSettings(read: Reader): SecurityLogSettings {
  const written = read.textOr('SECURITY_LOG', 'stdout');
  const level = read.choice<SecurityLogLevel>('SECURITY_LOG_LEVEL', 'all', ['all', 'refusals']);
  return { destination: written === 'off' ? undefined : written, level };
}
