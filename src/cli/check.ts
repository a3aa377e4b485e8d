import { defineCommand } from './command.ts';

export const check = defineCommand({
  name: 'check',
  summary: 'read all settings and the schema, and name every fault',
  help: [
    'Reads all settings and the schema as the server does, and connects to nothing.',
    'Names every fault at once. The exit code is 1 if there is any, otherwise 0.',
  ].join('\n'),
  async run(_values, _positionals, { environment, out, error }) {
    const [{ ConfigError, readConfig }, { createReader }, { readDomain }, { SchemaError }] =
      await Promise.all([
        import('../config/config.ts'),
        import('../config/reader.ts'),
        import('../events/domain.ts'),
        import('../events/schema-error.ts'),
      ]);
    let isGood = true;
    /** A fault of one does not hide the faults of the next. */
    function attempt(read: () => void): void {
      try {
        read();
      } catch (fault) {
        if (!(fault instanceof ConfigError || fault instanceof SchemaError)) throw fault;
        isGood = false;
        error(fault.message);
      }
    }
    attempt(() => {
      for (const warning of readConfig(environment, { needsRedis: true }).warnings) error(warning);
    });
    attempt(() => {
      readDomain(createReader(environment, []).text('SCHEMA'));
    });
    if (!isGood) return 1;
    out('The settings are complete, and the schema has no fault.');
    return 0;
  },
});
