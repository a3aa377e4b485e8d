import { defineCommand, flag, text, UsageError } from './command.ts';
import { readDuration } from './read-duration.ts';
import { readUrl } from './read-url.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check the settings against the real Redis, keys, proxy and Django',
  help: [
    'Looks at everything around a server: its settings, Redis (how it is set, its clock, every right of the account), the key of tokens, the',
    'servers that run, what Django publishes, and with --url the way that clients take: WebSocket, event streams, origins, idle connections.',
    'Each line is ok, a note, a warning or a fault, with what to do. Reads only, and shows no secret. The exit code is 1 if there is a fault.',
  ].join('\n'),
  options: {
    url: text('URL', 'where clients reach the API: https://dms.example/live/graphql'),
    'token-file': text('FILE', 'a file with an access token, to try what needs one'),
    idle: text('TIME', 'with --url: how long idle connections are watched; default 15s, 0s: not at all'),
    json: flag('write one JSON object'),
  },
  async run(values, _positionals, { environment, out }) {
    const [{ examine }, { counted, writeFindings }, { readTokenFile }] = await Promise.all([
      import('./doctor/examine.ts'),
      import('./finding.ts'),
      import('./token-file.ts'),
    ]);
    if (values.idle !== undefined && values.url === undefined)
      throw new UsageError('--idle goes with --url.');
    const file = values['token-file'];
    const examination = {
      environment,
      url: values.url === undefined ? undefined : readUrl(values.url),
      token: file === undefined ? undefined : readTokenFile(file),
      idleMs: readDuration('idle', values.idle) ?? 15_000,
    };
    const groups = [];
    for await (const group of examine(examination)) {
      groups.push(group);
      if (values.json !== true) for (const line of writeFindings(group.heading, group.findings)) out(line);
    }
    const all = groups.flatMap(({ findings }) => findings);
    const count = (level: string): number => all.filter((finding) => finding.level === level).length;
    const [faults, warnings] = [count('fault'), count('warning')];
    if (values.json === true) out(JSON.stringify({ groups, faults, warnings }));
    else out(`${counted(faults, 'fault')}, ${counted(warnings, 'warning')}`);
    return faults > 0 ? 1 : 0;
  },
});
