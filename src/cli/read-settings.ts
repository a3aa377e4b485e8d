import { type Config, ConfigError, readAll, readConfig } from '../config/config.ts';
import { createReader, type Environment } from '../config/reader.ts';
import { readDomain } from '../events/domain.ts';
import { SchemaError } from '../events/schema-error.ts';
import { createDocuments } from '../graphql/documents.ts';
import { ManifestError } from '../graphql/manifest-error.ts';
import { readManifests } from '../graphql/manifests.ts';

type Faulty = ConfigError | SchemaError | ManifestError;

export interface ReadSettings {
  /** `undefined`: the settings, the schema or the trusted documents have a fault. */
  readonly config: Config | undefined;
  readonly errors: readonly Faulty[];
  readonly warnings: readonly string[];
}

/** Reads all settings, the schema and the trusted documents as a server does. A fault of one does not hide the faults of the next. */
export function readSettings(environment: Environment): ReadSettings {
  const errors: Faulty[] = [];
  function attempt<Read>(read: () => Read): Read | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof SchemaError || error instanceof ManifestError))
        throw error;
      errors.push(error);
      return undefined;
    }
  }
  const config = attempt(() => readConfig(environment, { needsRedis: true }));
  attempt(() => {
    const { schemaFile, documents, ...others } = readAll(createReader(environment, []), false);
    const { schema } = readDomain(schemaFile);
    const listed = readManifests(documents.manifests);
    createDocuments({ ...others, schema, trusted: { ...documents, listed } });
  });
  const [first] = errors;
  const warnings = config?.warnings ?? (first instanceof ConfigError ? first.warnings : []);
  return { config: first === undefined ? config : undefined, errors, warnings };
}
