import { type Config, ConfigError, readConfig } from '../config/config.ts';
import { createReader, type Environment } from '../config/reader.ts';
import { readDomain } from '../events/domain.ts';
import { SchemaError } from '../events/schema-error.ts';

export interface ReadSettings {
  /** `undefined`: the settings or the schema have a fault. */
  readonly config: Config | undefined;
  readonly errors: readonly (ConfigError | SchemaError)[];
  readonly warnings: readonly string[];
}

/** Reads all settings and the schema as a server does. A fault of the settings does not hide those of the schema. */
export function readSettings(environment: Environment): ReadSettings {
  const errors: (ConfigError | SchemaError)[] = [];
  function attempt<Read>(read: () => Read): Read | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof SchemaError)) throw error;
      errors.push(error);
      return undefined;
    }
  }
  const config = attempt(() => readConfig(environment, { needsRedis: true }));
  attempt(() => readDomain(createReader(environment, []).text('SCHEMA')));
  const [first] = errors;
  const warnings = config?.warnings ?? (first instanceof ConfigError ? first.warnings : []);
  return { config: first === undefined ? config : undefined, errors, warnings };
}
