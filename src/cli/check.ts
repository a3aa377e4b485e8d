import { defineCommand } from './command.ts';

export const check = defineCommand({
  name: 'check',
  summary: 'read all settings, the schema and trusted documents, and name every fault',
  help: [
    'Reads all settings, the schema and trusted documents as the server does, and connects to nothing.',
    'Names every fault at once. The exit code is 1 if there is any, otherwise 0.',
  ].join('\n'),
  async run(_values, _positionals, { environment, out, error }) {
    const [{ ConfigError, readAll, readConfig }, { createReader }, { readDomain }, ...rest] =
      await Promise.all([
        import('../config/config.ts'),
        import('../config/reader.ts'),
        import('../events/domain.ts'),
        import('../events/schema-error.ts'),
        import('../graphql/documents.ts'),
        import('../graphql/manifests.ts'),
        import('../graphql/manifest-error.ts'),
      ]);
    const [{ SchemaError }, { createDocuments }, { readManifests }, { ManifestError }] = rest;
    let isGood = true;
    /** A fault of one does not hide the faults of the next. */
    function attempt(read: () => void): void {
      try {
        read();
      } catch (fault) {
        const isExpected = [ConfigError, SchemaError, ManifestError].some((kind) => fault instanceof kind);
        if (!(fault instanceof Error) || !isExpected) throw fault;
        isGood = false;
        error(fault.message);
      }
    }
    attempt(() => {
      for (const warning of readConfig(environment, { needsRedis: true }).warnings) error(warning);
    });
    attempt(() => {
      const { schemaFile, documents, ...config } = readAll(createReader(environment, []), false);
      const { schema } = readDomain(schemaFile);
      createDocuments({
        ...config,
        schema,
        trusted: { ...documents, listed: readManifests(documents.manifests) },
      });
    });
    if (!isGood) return 1;
    out('The settings are complete, and the schema and the trusted documents have no fault.');
    return 0;
  },
});
