import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Environment } from '../config/reader.ts';

/** What a command may read and write. */
export interface Io {
  /** The settings: the environment, and below it the files of `--env-file`. */
  readonly environment: Environment;
  /** Reads them again: the files as they are now. */
  readAgain(): Environment;
  /** Writes a line to standard output. */
  out(line: string): void;
  /** Writes a line to standard error. */
  error(line: string): void;
}

/** An option as `node:util` parses it, with what `--help` says of it. */
type Option = NonNullable<ParseArgsConfig['options']>[string] & {
  readonly description: string;
  /** The name of its value in `--help`: `FILE`. */
  readonly value?: string;
};
export type Options = Readonly<Record<string, Option>>;

/** An option with a value. `value` is its name in `--help`: `FILE`. */
export const text = (value: string, description: string) => ({ type: 'string', value, description }) as const;
/** An option that is given or not. */
export const flag = (description: string) => ({ type: 'boolean', description }) as const;

/** The values of a command's own options, and of those that every command has. */
type Values<Own extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Own; allowPositionals: true; strict: true }>
>['values'];

export interface Definition<Own extends Options> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the command's name in its first line of help: `EVENT-ID [options]`. Default: `[options]`. */
  readonly usage?: string;
  /** What its help says besides. */
  readonly help: string;
  readonly options?: Own;
  /** How many words it takes that are no options. Default: 0. */
  readonly positionals?: { readonly least: number; readonly most: number };
  /** @returns the exit code. */
  run(values: Values<Own>, positionals: readonly string[], io: Io): Promise<number>;
}

/** A command as the command line knows it. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly help: string;
  readonly options: Options;
  /** @throws {UsageError} when the arguments are not what the command takes. */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** The command line cannot be understood; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Options that every command has. The command line has read them before a command runs. */
export const COMMON_OPTIONS = {
  'env-file': { ...text('FILE', 'read settings from a file; those of the environment win'), multiple: true },
  help: { ...flag('show this help'), short: 'h' },
} satisfies Options;

/** Defines a command. Its `run` gets the values of its options with their types. */
export function defineCommand<const Own extends Options = Record<never, never>>(
  definition: Definition<Own>,
): Command {
  const { name, summary, usage = '[options]', help, positionals = { least: 0, most: 0 } } = definition;
  const own = definition.options ?? ({} as Own);
  return {
    name,
    summary,
    usage,
    help,
    options: { ...own, ...COMMON_OPTIONS },
    async run(args, io) {
      const parsed = parseStrictly({ args: [...args], options: { ...own, ...COMMON_OPTIONS } });
      const count = parsed.positionals.length;
      if (count > positionals.most)
        throw new UsageError(`Unexpected: ${parsed.positionals[positionals.most]}`);
      if (count < positionals.least) throw new UsageError(`Something is missing: ${name} ${usage}`);
      return definition.run(parsed.values as Values<Own>, parsed.positionals, io);
    },
  };
}

function parseStrictly(config: { readonly args: string[]; readonly options: Options }) {
  try {
    return parseArgs({ ...config, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's messages say which option is unknown or lacks its value.
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}
