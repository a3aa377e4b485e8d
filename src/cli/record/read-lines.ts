import { createReadStream } from 'node:fs';
import { messageOf } from '../../errors.ts';
import { EVENT_NAMES, lineSchemaOf, type SecurityLine, VERSION } from '../../record/schema.ts';
import { UsageError } from '../command.ts';

/** A line of the security log in a file. */
export interface FoundLine {
  readonly file: string;
  /** The number of the line in its file, from 1. */
  readonly number: number;
  readonly text: string;
  /** `undefined`: it is not as the schema has it. */
  readonly line: SecurityLine | undefined;
}

/**
 * Reads lines of the security log, one after the other; others are passed over.
 * @param files `-` is standard input.
 * @throws {UsageError} when a file cannot be read.
 */
export async function* readLines(files: readonly string[]): AsyncGenerator<FoundLine> {
  for (const file of files) {
    let number = 0;
    for await (const text of textsOf(file)) {
      number += 1;
      if (text.includes('"channel":"security"')) yield { file, number, text, line: readLine(text) };
      else if (passesForOne(text)) yield { file, number, text, line: undefined };
    }
  }
}

/**
 * Reads the lines of a text file. Only a line feed ends a line: `node:readline` would also cut at characters that may be in a user's id.
 * @param file `-` is standard input.
 * @throws {UsageError} when it cannot be read.
 */
export async function* textsOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of input) {
      const texts = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
      rest = texts.pop() ?? '';
      yield* texts;
    }
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
  if (rest !== '') yield rest;
}

/** Whether other readers take it for a line of the security log, though no server writes one like that: with a space, or `\u0063hannel`. */
function passesForOne(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    const said: Partial<SecurityLine> = JSON.parse(text);
    return said.channel === 'security';
  } catch {
    return false;
  }
}

const schemas = new Map(EVENT_NAMES.map((event) => [event, lineSchemaOf(event)]));

/** A later server may write more fields: they are no fault. */
function readLine(text: string): SecurityLine | undefined {
  try {
    const line: SecurityLine = JSON.parse(text);
    if (line.version !== VERSION) return undefined;
    const checked = schemas.get(line.event)?.safeParse(line);
    const isReadable =
      checked?.error?.issues.every(({ code }) => code === 'unrecognized_keys') ?? checked !== undefined;
    return isReadable ? line : undefined;
  } catch {
    return undefined;
  }
}
