import { readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import type { Environment } from '../config/reader.ts';
import { ownVersion } from '../own-files.ts';
import { COMMON_OPTIONS, type Command, type Io, UsageError } from './command.ts';
import { COMMANDS } from './commands.ts';
import { helpOf, helpOfAll } from './help.ts';

/** Codes of `sysexits.h` are for few; 2 is what shells and most tools use for a wrong command line. */
const WRONG_USAGE = 2;

/**
 * Runs a command by the arguments of the process.
 * @param environment gets what the files of `--env-file` set and the environment does not, so that libraries and other processes see it.
 * @returns the exit code: 0, 2 for a command line that cannot be understood, or the command's own.
 */
export async function runCommandLine(
  args: readonly string[],
  { environment, out, error }: Omit<Io, 'readAgain'> & { readonly environment: NodeJS.ProcessEnv },
  commands: readonly Command[] = COMMANDS,
): Promise<number> {
  const { name, rest, values } = findCommand(args);
  const command = commands.find((known) => known.name === name);
  if (values.version === true && name === undefined) return say(ownVersion());
  if (values.help === true && (command !== undefined || name === undefined))
    return say(command === undefined ? helpOfAll(commands) : helpOf(command));
  if (name === undefined && rest.length === 0) return say(helpOfAll(commands));
  try {
    if (name === undefined) throw new UsageError('A command is missing.');
    if (command === undefined) throw new UsageError(`There is no command ${name}.`);
    const own = { ...environment };
    const readAgain = (): Environment => addSettings(own, values['env-file'] ?? []);
    Object.assign(environment, readAgain());
    return await command.run(rest, {
      environment,
      readAgain,
      out: (line) => out(printable(line)),
      error: (line) => error(printable(line)),
    });
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    error(`${thrown.message}\nSee: dms-live ${command === undefined ? '' : `${command.name} `}--help`);
    return WRONG_USAGE;
  }

  function say(text: string): number {
    out(text);
    return 0;
  }
}

/** What clients and publishers sent must not steer the operator's terminal. Within JSON, an escape means the same. */
const printable = (line: string): string =>
  line.replace(
    /(?![\n\t])\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The command is the first word that is no option. Nothing is refused here: the command knows its options, and parses `rest`. */
function findCommand(args: readonly string[]) {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: { ...COMMON_OPTIONS, version: { type: 'boolean', short: 'V' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const word = tokens.find((token) => token.kind === 'positional');
  return {
    name: word?.value,
    rest: word === undefined ? args : args.toSpliced(word.index, 1),
    values: {
      help: values.help,
      version: values.version,
      'env-file': values['env-file']?.filter((file) => typeof file === 'string'),
    },
  };
}

/** Of several files the last one wins, and over all of them the environment. */
function addSettings(own: Environment, files: readonly string[]): Environment {
  return Object.assign({}, ...files.map(readSettings), own);
}

function readSettings(file: string): Environment {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--env-file: ${error instanceof Error ? error.message : error}`);
  }
}
