import { NO_LINE } from '../../record/chain.ts';
import type { SecurityLine } from '../../record/schema.ts';

/** A line of a process, and where it stands. */
export interface PlacedLine {
  readonly file: string;
  readonly number: number;
  readonly text: string;
  readonly line: SecurityLine;
}

/** Where it stands, for people: `security.log:17`. */
export const whereIs = ({ file, number }: Pick<PlacedLine, 'file' | 'number'>): string => `${file}:${number}`;

/** Lines of a file whose numbers follow each other. */
interface Run {
  readonly file: string;
  /** The largest number of the process in this file so far. */
  readonly largest: number;
  readonly last: number;
  readonly hash: string;
}

/** Checks that each line of one process names the hash of the line before, in whatever order the files are read. */
export interface Links {
  add(placed: PlacedLine, hash: string): void;
  /** Call it when all lines are read. */
  finish(): void;
}

export function followLinks(report: (at: string, seq: number, says: string) => void): Links {
  /** The hashes of lines that the next line of the process does not follow in its file. */
  const ends = new Map<number, string>();
  const starts: { readonly seq: number; readonly prev: string; readonly at: string }[] = [];
  let run: Run | undefined;

  function endRun(): void {
    if (run !== undefined) ends.set(run.last, run.hash);
  }

  return {
    add(placed, hash) {
      const { seq, prev = '' } = placed.line;
      const at = whereIs(placed);
      const isSameFile = run?.file === placed.file;
      const largest = isSameFile ? Math.max(run?.largest ?? 0, seq) : seq;
      if (run !== undefined && isSameFile && run.last === seq - 1) {
        if (run.hash !== prev)
          report(at, seq, 'it does not follow the line before: one of them was replaced');
      } else {
        endRun();
        if (largest > seq) report(at, seq, `moved: it stands after line ${largest} of the same process`);
        starts.push({ seq, prev, at });
      }
      run = { file: placed.file, largest, last: seq, hash };
    },
    finish() {
      endRun();
      for (const { seq, prev, at } of starts) {
        const before = seq === 1 ? NO_LINE : ends.get(seq - 1);
        if (before !== undefined && before !== prev)
          report(at, seq, `it does not follow line ${seq - 1}: one of them was replaced`);
      }
    },
  };
}
