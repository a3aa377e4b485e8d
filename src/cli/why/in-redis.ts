/** What Redis says of an event: appended, refused, gone, or never there. */
import { formatPosition } from '../../bus/position.ts';
import type { LiveEvent } from '../../events/kinds.ts';
import { entityIds } from '../entity-ids.ts';
import { duration, type Finding, fault, instant, note, ok, warning } from '../finding.ts';
import type { Lookout } from '../lookout.ts';
import { type FoundEvent, findLetter, findReach, type Wanted } from './find-event.ts';

/** How far the clocks of a publisher and Redis may differ before that is worth a word, in milliseconds. */
const SKEW_MS = 1000;
/** An event that took longer than this from the commit to Redis is late, in milliseconds. */
const LATE_MS = 5000;

/** What is known of an event that was found. */
export function describeFound({ kind, entry, inAll, read }: FoundEvent): readonly Finding[] {
  const { channel, position, appendedAt, until } = entry;
  const all = inAll === undefined ? '' : `, at ${formatPosition(inAll)} for those who read all units`;
  const kept = until === undefined ? '' : `; kept until ${instant(until)} at the latest`;
  const where = ok('appended', `${instant(appendedAt)} by Redis’ clock${kept}`);
  const topic = ok('topic', `${channel} at ${formatPosition(position)}${all}`);
  if (read.event === undefined)
    return [
      topic,
      where,
      fault(
        'contract',
        `servers refuse it (${read.rejection.reason}): ${read.rejection.detail}`,
        'mend the publisher: nobody gets this event',
      ),
    ];
  const { data } = read.event;
  const ids = entityIds(kind, data);
  const what = `${kind.kind}${ids.length === 0 ? '' : ` ${ids.join(', ')}`}, ${String(data['action'] ?? 'snapshot')}`;
  return [ok('event', `${entry.eventId}: ${what}`), topic, where, ...describeDelay(read.event, appendedAt)];
}

function describeDelay({ time }: LiveEvent, appendedAt: number): readonly Finding[] {
  const happened = time === null ? Number.NaN : Date.parse(time);
  if (Number.isNaN(happened)) return [note('happened', 'the event does not say when')];
  const delay = appendedAt - happened;
  const says = `${instant(happened)} by its publisher’s clock`;
  if (delay < -SKEW_MS)
    return [
      warning(
        'happened',
        `${says}, which is ${duration(-delay)} ahead of Redis’`,
        'compare the clocks of the publisher and Redis',
      ),
    ];
  if (delay > LATE_MS)
    return [
      warning(
        'happened',
        `${says}: it came into Redis ${duration(delay)} later`,
        'see whether events wait: manage.py live_status',
      ),
    ];
  return [ok('happened', `${says}, ${duration(delay)} before it was appended`)];
}

/** Why an event is in no log. */
export async function describeMissing(lookout: Lookout, wanted: Wanted): Promise<readonly Finding[]> {
  const what =
    'eventId' in wanted ? `event ${wanted.eventId}` : `an event of ${wanted.kind} ${wanted.entityId}`;
  const letter = await findLetter(lookout, wanted);
  if (letter !== undefined) {
    const says = `${what} came on ${letter.topic} and was refused at ${instant(letter.refusedAt)} (${letter.reason}): ${letter.detail}`;
    return [fault('refused', says, 'mend the publisher, and publish it again')];
  }
  const reach = await findReach(lookout, wanted);
  const reaches = reach.map(
    ({ kind, since }) => `${kind} ${since === undefined ? 'has none' : `since ${instant(since)}`}`,
  );
  return [
    fault(
      'not in Redis',
      `${what} is in no log, and was not refused`,
      'ask Django: manage.py live_status, and the outbox in its admin, by this id. A row that waits or failed says why; without a row the change made no event',
    ),
    note('the logs reach back', `${reaches.join('; ')}. An older event was deleted for its age or number`),
    note('bare messages', 'an event that was published without the script is kept nowhere'),
  ];
}
