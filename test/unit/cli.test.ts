/** The command line by itself. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { defineCommand } from '../../src/cli/command.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { SECRET } from '../support/tokens.ts';

const SETTINGS = { REDIS_URL: 'redis://127.0.0.1', JWT_SECRET: SECRET };

/** Counts, and says what it was given. */
const count = defineCommand({
  name: 'count',
  summary: 'count',
  usage: 'FROM [options]',
  help: 'Counts.',
  options: { to: { type: 'string', value: 'NUMBER', description: 'where it ends' } },
  positionals: { least: 1, most: 1 },
  async run({ to = '3' }, [from], { environment, out }) {
    out(`${from} to ${to.padStart(2, '0')} by ${environment['STEP']}`);
    return 7;
  },
});

async function run(args: readonly string[], settings: Record<string, string> = {}, commands = COMMANDS) {
  const written = { out: '', error: '' };
  const environment: NodeJS.ProcessEnv = { ...settings };
  const code = await runCommandLine(
    args,
    {
      environment,
      out: (line) => {
        written.out += `${line}\n`;
      },
      error: (line) => {
        written.error += `${line}\n`;
      },
    },
    commands,
  );
  return { code, ...written, environment };
}

async function useFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'settings.env');
  await writeFile(file, text);
  return file;
}

test('what others have sent cannot steer the terminal', async () => {
  const { out } = await run(['count', 'a\u001b[2J\u009b1m\tß\n'], { STEP: '1' }, [count]);
  expect(out).toBe('a\\u001b[2J\\u009b1m\tß\n to 03 by 1\n');
});

describe('help', () => {
  test.each([[[]], [['--help']], [['-h']]])('%j shows every command', async (args) => {
    const { code, out } = await run(args);
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS)
      expect(out).toMatch(new RegExp(`^ {2}${name} +${summary}$`, 'm'));
  });

  test.each([[['count', '--help']], [['--help', 'count']], [['count', '-h', '--wrong']]])(
    '%j shows the options of the command, and does not run it',
    async (args) => {
      const { code, out } = await run(args, {}, [count]);
      expect(code).toBe(0);
      expect(out).toMatch(/^Usage: dms-live count FROM \[options\]$/m);
      expect(out).toMatch(/^ {2}--to NUMBER +where it ends$/m);
      expect(out).toMatch(/^ {2}--env-file FILE +read settings/m);
    },
  );

  test('the version is that of the package', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await run(['--version'])).toMatchObject({ code: 0, out: `${version}\n` });
  });
});

describe('a command', () => {
  test('gets its options and words, and gives the exit code', async () => {
    const { code, out } = await run(['count', '1', '--to', '5'], { STEP: '2' }, [count]);
    expect({ code, out }).toEqual({ code: 7, out: '1 to 05 by 2\n' });
  });

  test.each([
    ['a command that is not there', ['serv'], 'There is no command serv.'],
    ['an option without a command', ['--port', '80'], 'There is no command 80.'],
    ['no command', ['--wrong'], 'A command is missing.'],
    ['an unknown option', ['count', '1', '--wrong'], "Unknown option '--wrong'"],
    ['an option without its value', ['count', '1', '--to'], "'--to <value>' argument missing"],
    ['a word too many', ['count', '1', '2'], 'Unexpected: 2'],
    ['a word too few', ['count'], 'Something is missing: count FROM [options]'],
    ['a file that is not there', ['count', '1', '--env-file', '/nowhere'], 'no such file or directory'],
  ])('%s is refused with code 2, and says where help is', async (_what, args, message) => {
    const { code, out, error } = await run(args, {}, [count]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toContain(message);
    expect(error).toMatch(/See: dms-live (count )?--help/);
  });

  test('reads settings from files: a later file wins, and the environment over both', async () => {
    const [first, second] = [await useFile('STEP=1\nA=1\nB=1\nC=1'), await useFile('A=2\nB="2 # 3"')];
    const args = ['--env-file', first, 'count', `--env-file=${second}`, '1'];
    const { out, environment } = await run(args, { A: '3' }, [count]);
    expect(out).toBe('1 to 03 by 1\n');
    expect(environment).toEqual({ STEP: '1', A: '3', B: '2 # 3', C: '1' });
  });
});

describe('check', () => {
  test('accepts what the server accepts, and says what is probably misspelt', async () => {
    const { code, out, error } = await run(['check'], { ...SETTINGS, PROT: '80' });
    expect({ code, error }).toEqual({ code: 0, error: expect.stringMatching(/^PROT is set.* PORT\?\n$/) });
    expect(out).toContain('no fault');
  });

  test('names every fault of the settings and of the schema at once', async () => {
    const schema = await useFile('type Query { a: Int }');
    const { code, out, error } = await run(['check'], { PORT: 'many', SCHEMA: schema });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    for (const part of ['PORT', 'REDIS_URL', 'JWT_SECRET', schema]) expect(error).toContain(part);
  });

  test('names the faults of trusted documents', async () => {
    const manifest = await useFile('{"x":"{ viewer { id } }"}');
    const { code, error } = await run(['check'], { ...SETTINGS, TRUSTED_DOCUMENTS: manifest });
    expect(code).toBe(1);
    expect(error).toContain(`${manifest}: x: its name is no SHA-256`);
  });
});
