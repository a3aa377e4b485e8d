import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { messageOf } from '../../errors.ts';
import { EVENT_NAMES, lineSchemaOf, type SecurityLine, VERSION } from '../../record/schema.ts';
import { UsageError } from '../command.ts';

/** What was read of files with lines of the security log. */
export interface ReadLines {
  readonly lines: readonly SecurityLine[];
  /** How many lines of its channel are not as the schema has them. */
  readonly unreadable: number;
}

/**
 * Reads lines of the security log; others are passed over.
 * @param files `-` is standard input.
 * @throws {UsageError} when a file cannot be read.
 */
export async function readLines(files: readonly string[]): Promise<ReadLines> {
  const lines: SecurityLine[] = [];
  let unreadable = 0;
  for (const file of files) {
    const input = file === '-' ? process.stdin : createReadStream(file);
    try {
      for await (const text of createInterface({ input })) {
        if (!text.includes('"channel":"security"')) continue;
        const line = readLine(text);
        if (line === undefined) unreadable += 1;
        else lines.push(line);
      }
    } catch (error) {
      throw new UsageError(messageOf(error));
    }
  }
  return { lines, unreadable };
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
