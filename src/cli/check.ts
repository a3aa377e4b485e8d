import { defineCommand } from './command.ts';

export const check = defineCommand({
  name: 'check',
  summary: 'read all settings, the schema and trusted documents, and name every fault',
  help: [
    'Reads all settings, the schema and trusted documents as the server does, and connects to nothing.',
    'Names every fault at once. The exit code is 1 if there is any, otherwise 0.',
  ].join('\n'),
  async run(_values, _positionals, { environment, out, error }) {
    const [{ prepareDocuments }, { readAll, readConfig }, { createReader }, { readDomain }, { isExpected }] =
      await Promise.all([
        import('../graphql/prepare-documents.ts'),
        import('../config/config.ts'),
        import('../config/reader.ts'),
        import('../events/domain.ts'),
        import('../start-fault.ts'),
      ]);
    let isGood = true;
    /** A fault of one does not hide the faults of the next. */
    function attempt(read: () => void): void {
      try {
        read();
      } catch (fault) {
        if (!(fault instanceof Error && isExpected(fault))) throw fault;
        isGood = false;
        error(fault.message);
      }
    }
    attempt(() => {
      for (const warning of readConfig(environment, { needsRedis: true }).warnings) error(warning);
    });
    attempt(() => {
      const config = readAll(createReader(environment, []), false);
      prepareDocuments(config, readDomain(config.schemaFile));
    });
    if (!isGood) return 1;
    out('The settings are complete, and the schema and the trusted documents have no fault.');
    return 0;
  },
});
