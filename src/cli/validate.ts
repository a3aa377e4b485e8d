import { defineCommand, flag, text, UsageError } from './command.ts';
import { readDuration } from './read-duration.ts';
import { readUrl } from './read-url.ts';

export const validate = defineCommand({
  name: 'validate',
  summary: 'try from outside whether an installation does what is promised, and write a signed report',
  usage: '--url URL --users FILE [options], or --verify REPORT --key FILE',
  help: [
    'Tries each requirement at a running installation, as its clients reach it: who sees what, refused tokens, resuming, the end of sessions, origins. It',
    'writes a report with its evidence, as JSON and as HTML (docs/validation.md). What could not be shown is named, with the reason. Without --redis or',
    '--publish-command it only looks; with them it publishes marked events, to the probeUnits of the users’ file alone. No token is in the report.',
    'The exit code is 1 if a requirement failed, or nothing could be tried; 0 if all that could be tried passed.',
  ].join('\n'),
  options: {
    url: text('URL', 'where clients reach the API: https://dms.example/live/graphql'),
    users: text('FILE', 'who takes part, and what each is expected to see (docs/validation.md)'),
    out: text('NAME', 'write NAME.json, NAME.html and a .sig of each; default: validation-DAY-TIME'),
    'sign-key': text('FILE', 'sign the report by this private key (Ed25519, PEM)'),
    'secret-file': text('FILE', 'a file with JWT_SECRET: makes tokens for the viewers, and tries wrong ones'),
    redis: flag('publish and revoke through the Redis of the settings (REDIS_URL)'),
    'publish-command': text('COMMAND', 'publish by a program, which gets a line of JSON for each event'),
    'revoke-command': text('COMMAND', 'revoke by a program, which gets a line of JSON'),
    drills: text('LIST', 'what is allowed besides: limits, faults; comma-separated'),
    'fault-command': text(
      'COMMAND',
      'a program that causes a fault, such as a restart; with --drills faults',
    ),
    only: text('LIST', 'only these: AUT, ISO, RES, SES, BND, LIM, FLT, or ids'),
    patience: text('TIME', 'how long an answer may take; default 5s'),
    prompt: text('TIME', 'how soon a revocation must take effect; default 2s'),
    verify: text('REPORT', 'check the signatures of a report (JSON) and of its page, and nothing else'),
    key: text('FILE', 'the public key for --verify (PEM)'),
  },
  async run(values, _positionals, { environment, out, error }) {
    const { verify, key } = values;
    if (verify !== undefined) {
      if (key === undefined) throw new UsageError('--verify needs --key.');
      const { verifyReport } = await import('./validate/sign.ts');
      return verifyReport(verify, key, out);
    }
    if (values.url === undefined || values.users === undefined)
      throw new UsageError('Give --url and --users.');
    const { runValidation } = await import('./validate/run.ts');
    return runValidation(
      {
        url: readUrl(values.url),
        usersFile: values.users,
        out: values.out,
        signKeyFile: values['sign-key'],
        secretFile: values['secret-file'],
        usesRedis: values.redis === true,
        publishCommand: values['publish-command'],
        revokeCommand: values['revoke-command'],
        drills: readList('drills', values.drills, ['limits', 'faults']),
        faultCommand: values['fault-command'],
        only: values.only?.split(',').map((part) => part.trim()),
        patienceMs: readDuration('patience', values.patience) ?? 5000,
        promptMs: readDuration('prompt', values.prompt) ?? 2000,
      },
      { environment, out, error },
    );
  },
});

function readList<Item extends string>(
  option: string,
  written: string | undefined,
  known: readonly Item[],
): readonly Item[] {
  return (written ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const item = known.find((one) => one === part);
      if (item === undefined) throw new UsageError(`--${option}: ${part} is none of ${known.join(', ')}.`);
      return item;
    });
}
