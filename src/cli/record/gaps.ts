import { formatPosition } from '../../bus/position.ts';
import type { SecurityLine } from '../../record/schema.ts';
import { counted, type Finding, instant, note, ok, warning } from '../finding.ts';
import type { Lookout } from '../lookout.ts';
import type { RecordedSubscription } from './operations.ts';
import type { ReadLines } from './read-lines.ts';
import { topicOf } from './topic-of.ts';

/** What is missing in the lines themselves. */
export function findGaps({ lines, unreadable }: ReadLines): readonly Finding[] {
  const findings: Finding[] = [];
  if (lines.length === 0)
    findings.push(warning('lines', 'these files have none of the security log', 'see SECURITY_LOG'));
  if (unreadable > 0)
    findings.push(warning('lines', `${unreadable} cannot be read: of another version, cut off, or altered`));
  for (const [process, own] of byProcess(lines)) {
    const seqs = [...new Set(own.map(({ seq }) => seq))].toSorted((one, other) => one - other);
    const [first = 1] = seqs;
    const last = seqs.at(-1) ?? 0;
    const lost = own.filter(({ event, reason }) => event === 'gap' && reason === 'destination');
    const announced = lost.reduce((sum, { count = 0 }) => sum + count, 0); // they are named below
    const holes = last - first + 1 - seqs.length - announced;
    const ends = own.find(({ event }) => event === 'log.closed');
    if (first > 1)
      findings.push(
        warning(process, `not here: ${counted(first - 1, 'line')} before its first`, 'add the older files'),
      );
    if (holes > 0)
      findings.push(warning(process, `not here: ${counted(holes, 'line')} between its first and its last`));
    if (ends === undefined) {
      const newest = own.reduce((one, other) => (one.seq > other.seq ? one : other));
      findings.push(
        note(process, `runs, was killed, or later files are missing: the last line here is of ${newest.at}`),
      );
    }
  }
  for (const { process, at, reason, count, of } of lines.filter(({ event }) => event === 'gap')) {
    const says = `left out at ${at}: ${counted(count ?? 0, 'line')} (${reason}, ${of})`;
    findings.push(reason === 'flood' ? note(process, says) : warning(process, says));
  }
  return findings.length === 0
    ? [ok('lines', `${lines.length}, and none is missing between them`)]
    : findings;
}

function byProcess(lines: readonly SecurityLine[]): ReadonlyMap<string, readonly SecurityLine[]> {
  const found = new Map<string, SecurityLine[]>();
  for (const line of lines) found.set(line.process, [...(found.get(line.process) ?? []), line]);
  return found;
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
