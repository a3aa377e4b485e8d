import { type Config, ConfigError, readAll, readConfig } from '../config/config.ts';
import { createReader, type Environment } from '../config/reader.ts';
import { readDomain } from '../events/domain.ts';
import { SchemaError } from '../events/schema-error.ts';
import { ManifestError } from '../graphql/manifest-error.ts';
import { prepareDocuments } from '../graphql/prepare-documents.ts';

export type SettingsError = ConfigError | SchemaError | ManifestError;

export interface ReadSettings {
  /** `undefined`: the settings, the schema or the trusted documents have a fault. */
  readonly config: Config | undefined;
  readonly errors: readonly SettingsError[];
  readonly warnings: readonly string[];
}

/** Reads all settings, the schema and the trusted documents as a server does. A fault of the settings does not hide the others. */
export function readSettings(environment: Environment): ReadSettings {
  const errors: SettingsError[] = [];
  function attempt<Read>(read: () => Read): Read | undefined {
    try {
      return read();
    } catch (error) {
      if (!isExpected(error)) throw error;
      errors.push(error);
      return undefined;
    }
  }
  const config = attempt(() => readConfig(environment, { needsRedis: true }));
  attempt(() => {
    const all = readAll(createReader(environment, []), false);
    prepareDocuments(all, readDomain(all.schemaFile));
  });
  const [first] = errors;
  const warnings = config?.warnings ?? (first instanceof ConfigError ? first.warnings : []);
  return { config: first === undefined ? config : undefined, errors, warnings };
}

const isExpected = (error: unknown): error is SettingsError =>
  error instanceof ConfigError || error instanceof SchemaError || error instanceof ManifestError;
