import { defineCommand } from './command.ts';

export const check = defineCommand({
  name: 'check',
  summary: 'read all settings, the schema and trusted documents, and name every fault',
  help: [
    'Reads all settings, the schema and trusted documents as the server does, and connects to nothing.',
    'Names every fault at once. The exit code is 1 if there is any, otherwise 0.',
  ].join('\n'),
  async run(_values, _positionals, { environment, out, error }) {
    const { readSettings } = await import('./read-settings.ts');
    const { errors, warnings } = readSettings(environment);
    for (const { message } of errors) error(message);
    for (const warning of warnings)
      if (!errors.some(({ message }) => message.includes(warning))) error(warning);
    if (errors.length > 0) return 1;
    out('The settings are complete, and the schema and the trusted documents have no fault.');
    return 0;
  },
});
