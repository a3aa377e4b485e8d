import { formatPosition } from '../../bus/position.ts';
import { counted, type Finding, instant, note, ok, warning } from '../finding.ts';
import type { Lookout } from '../lookout.ts';
import type { RecordedSubscription } from './operations.ts';
import { createRanges, holesIn, type Ranges, sizeOf } from './ranges.ts';
import type { FoundLine } from './read-lines.ts';
import { topicOf } from './topic-of.ts';

/** Finds what is missing in the lines themselves. */
export interface GapReader {
  add(found: FoundLine): void;
  /** Call it when all lines are read. */
  readonly findings: readonly Finding[];
}

/** The lines of one process. */
interface Written {
  readonly seqs: Ranges;
  /** How many lines the log itself says that it lost. */
  lost: number;
  /** The instant of its newest line. */
  newest: string;
  isClosed: boolean;
}

export function readGaps(): GapReader {
  const processes = new Map<string, Written>();
  const reported: Finding[] = [];
  let lines = 0;
  let unreadable = 0;
  return {
    add({ line }) {
      if (line === undefined) {
        unreadable += 1;
        return;
      }
      lines += 1;
      const { process, event, reason, count = 0, at } = line;
      const written = processes.get(process) ?? {
        seqs: createRanges(),
        lost: 0,
        newest: at,
        isClosed: false,
      };
      processes.set(process, written);
      written.seqs.add(line.seq);
      if (at > written.newest) written.newest = at;
      if (event === 'log.closed') written.isClosed = true;
      if (event !== 'gap') return;
      if (reason === 'destination') written.lost += count; // they are named by the line itself
      const says = `left out at ${at}: ${counted(count, 'line')} (${reason}, ${line.of})`;
      reported.push(reason === 'destination' ? warning(process, says) : note(process, says));
    },
    get findings() {
      const findings = [...processes].flatMap(([process, written]) => [...findHoles(process, written)]);
      if (lines === 0)
        findings.push(warning('lines', 'these files have none of the security log', 'see SECURITY_LOG'));
      if (unreadable > 0)
        findings.unshift(
          warning('lines', `${unreadable} cannot be read: of another version, cut off, or altered`),
        );
      findings.push(...reported);
      return findings.length === 0 ? [ok('lines', `${lines}, and none is missing between them`)] : findings;
    },
  };
}

function* findHoles(process: string, { seqs, lost, newest, isClosed }: Written): Generator<Finding> {
  const first = seqs.all[0]?.first ?? 1;
  if (first > 1)
    yield warning(process, `not here: ${counted(first - 1, 'line')} before its first`, 'add the older files');
  const holes = sizeOf(holesIn(seqs.all)) - lost;
  if (holes > 0) yield warning(process, `not here: ${counted(holes, 'line')} between its first and its last`);
  if (!isClosed)
    yield note(process, `runs, was killed, or later files are missing: the last line here is of ${newest}`);
}

/** What the logs in Redis have no more of what these subscriptions were sent. */
export async function findTrimmed(
  { history, names }: Lookout,
  subscriptions: readonly RecordedSubscription[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const topic of new Set(subscriptions.map((one) => one.topic))) {
    const read = topicOf(names, topic);
    if (read === undefined || !names.isLogged(read)) {
      findings.push(note(topic, 'has no log of its own: which events went to its subscribers is not known'));
      continue;
    }
    const oldest = await history.oldest(names.streamOf(read));
    const before = subscriptions.filter(
      ({ first, last, topic: of }) =>
        of === topic &&
        last !== undefined &&
        (oldest === undefined ||
          last.epoch !== oldest.position.epoch ||
          (first?.offset ?? 0) + 1 < oldest.position.offset),
    );
    if (before.length === 0) continue;
    const since =
      oldest === undefined
        ? 'is empty'
        : `begins with ${formatPosition(oldest.position)}, of ${instant(oldest.appendedAt)}`;
    findings.push(
      warning(
        topic,
        `its log in Redis ${since}: older events went to ${before.length} of these subscriptions, and are not named here`,
      ),
    );
  }
  return findings;
}
