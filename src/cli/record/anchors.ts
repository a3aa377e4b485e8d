import { z } from 'zod';
import { UsageError } from '../command.ts';
import { textsOf } from './read-lines.ts';

/** The hash of a line that somebody else noted, beyond the reach of those who may write the file. */
export interface Anchor {
  readonly seq: number;
  readonly hash: string;
  /** When it was noted. */
  readonly at: string;
}

/** The anchors of each process, in the order of their lines. */
export type Anchors = ReadonlyMap<string, readonly Anchor[]>;

const ANCHOR = z.object({
  process: z.string(),
  seq: z.number(),
  hash: z.string(),
  at: z.string(),
});

/**
 * Reads anchors as `manage.py live_anchors` writes them: a JSON object in each line.
 * @throws {UsageError} when the file cannot be read, or is something else.
 */
export async function readAnchors(file: string): Promise<Anchors> {
  const anchors = new Map<string, Anchor[]>();
  for await (const text of textsOf(file)) {
    if (text.trim() === '') continue;
    const { process, ...anchor } = readAnchor(text, file);
    const known = anchors.get(process);
    if (known === undefined) anchors.set(process, [anchor]);
    else known.push(anchor);
  }
  for (const known of anchors.values()) known.sort((one, other) => one.seq - other.seq);
  return anchors;
}

function readAnchor(text: string, file: string): z.output<typeof ANCHOR> {
  try {
    return ANCHOR.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${file} has a line that is no anchor: manage.py live_anchors writes them.`);
  }
}
