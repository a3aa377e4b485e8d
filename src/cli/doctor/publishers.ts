/** What Redis shows of the servers and the publishers (Django) of an installation, and whether they are set alike. */
import { z } from 'zod';
import type { HistoryEntry } from '../../bus/redis-history.ts';
import type { Config } from '../../config/config.ts';
import { readMessage } from '../../topics/read-message.ts';
import { duration, type Finding, instant, note, ok, warning } from '../finding.ts';
import type { Lookout } from '../lookout.ts';
import { askServers } from '../why/ask-servers.ts';

/** A publisher's clock that is ahead of Redis' by more than this shows in its events, in milliseconds. */
const SKEW_MS = 1000;
/** Refused messages of this time are worth a word, in milliseconds. */
const LATELY_MS = 3_600_000;

/** As topics/settings-note.ts writes them. */
const noted = z.object({
  historyEvents: z.number(),
  historySeconds: z.number(),
  adminRoles: z.array(z.string()),
  auditRoles: z.array(z.string()),
});

export async function examineServers(lookout: Lookout, config: Config): Promise<readonly Finding[]> {
  const { answers } = await askServers(lookout, NOBODY);
  const processes = answers.map(({ process }) => process).join(', ');
  const running =
    answers.length === 0
      ? warning(
          'processes',
          'none answers on this Redis, under this prefix',
          'start one, or compare its settings with these',
        )
      : ok('processes', processes);
  const [written] = await lookout.keys.read([lookout.names.settings]);
  return [running, ...compareSettings(written ?? null, config)];
}

/** The processes answer for any user; nobody has this id. */
const NOBODY = 'dms-live doctor';

function compareSettings(written: string | null, { retention, roleClasses }: Config): readonly Finding[] {
  if (written === null)
    return [note('settings', 'no server has written its settings in the last three minutes')];
  const there = noted.safeParse(parse(written)).data;
  if (there === undefined) return [note('settings', 'those of the server cannot be read')];
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['HISTORY_EVENTS', retention.events, there.historyEvents],
    ['HISTORY_SECONDS', retention.seconds, there.historySeconds],
    ['ADMIN_ROLES', roleClasses.ADMIN, there.adminRoles],
    ['AUDIT_ROLES', roleClasses.AUDITOR, there.auditRoles],
  ];
  const differing = pairs.filter(([, here, other]) => JSON.stringify(here) !== JSON.stringify(other));
  if (differing.length === 0) return [ok('settings', 'the server’s are those that were read here')];
  return differing.map(([name, here, other]) =>
    warning(
      'settings',
      `${name} is ${JSON.stringify(here)} here, and ${JSON.stringify(other)} in a server that runs`,
      'run doctor with the settings of that server; give all servers and Django the same',
    ),
  );
}

export async function examinePublishers(lookout: Lookout, config: Config): Promise<readonly Finding[]> {
  const published = await kindsPublished(lookout);
  if (published.length === 0) return [await nothingPublished(lookout, config)];
  const newest = (await Promise.all(published.map((kind) => newestOf(lookout, kind)))).flatMap(
    (entry) => entry ?? [],
  );
  return [
    ok('prefix', `${config.topicPrefix}: events of ${published.join(', ')} were published under it`),
    ...examineNewest(lookout, newest, config),
    await examineLetters(lookout),
    note('outbox', 'what waits in Django is not seen from here', 'manage.py live_status'),
  ];
}

/** A log stays when its last event has grown too old. The generation says nothing: servers write it as well. */
async function kindsPublished({ names, keys }: Lookout): Promise<readonly string[]> {
  const ofAll = [...names.kinds.keys()]
    .map((kind) => ({ kind, all: 'units' }) as const)
    .filter(names.isLogged);
  const logs = await keys.read(ofAll.map(names.streamOf));
  const published = new Set(ofAll.flatMap(({ kind }, at) => (logs[at] === null ? [] : [kind])));
  for (const kind of names.kinds.keys()) {
    if (names.isLogged({ kind, all: 'units' })) continue;
    await keys.findKeys(names.streamsOf(kind), async (found) => {
      if (found.some((key) => names.channelOfStream(key) !== undefined)) published.add(kind);
    });
  }
  return [...published];
}

/** A prefix that others use is most often the one that was meant. */
async function nothingPublished({ names, keys }: Lookout, { topicPrefix }: Config): Promise<Finding> {
  const others = new Set<string>();
  for (const kind of names.kinds.keys()) {
    const topic = { kind, all: 'units' } as const;
    if (!names.isLogged(topic)) continue;
    const rest = names.streamOf(topic).slice(topicPrefix.length);
    await keys.findKeys(`*${rest}`, async (found) => {
      for (const key of found) others.add(key.slice(0, -rest.length));
    });
  }
  const says = `no event was ever published under the prefix ${topicPrefix}`;
  if (others.size === 0)
    return note(
      'prefix',
      `no log is there under the prefix ${topicPrefix}: nothing was published yet, or Redis has lost its data`,
      'change something in Django; if nothing comes: manage.py live_status. See persistence and eviction above',
    );
  return warning(
    'prefix',
    `${says}, and some under ${[...others].join(', ')}`,
    'TOPIC_PREFIX must be the same here and in Django (DMS_LIVE)',
  );
}

async function newestOf({ names, history }: Lookout, kind: string): Promise<HistoryEntry | undefined> {
  const topic = { kind, all: 'units' } as const;
  if (!names.isLogged(topic)) return undefined;
  for await (const entry of history.newestFirst(names.streamOf(topic))) return entry;
  return undefined;
}

/** The newest event of each kind shows the settings and the clock of its publisher. */
function examineNewest(
  { names }: Lookout,
  newest: readonly HistoryEntry[],
  { retention }: Config,
): readonly Finding[] {
  if (newest.length === 0) return [note('events', 'none is in the logs now')];
  const findings: Finding[] = [];
  for (const { channel, appendedAt, until, event } of newest) {
    const kept = until === undefined ? undefined : Math.round((until - appendedAt) / 1000);
    if (kept !== undefined && kept !== retention.seconds)
      findings.push(
        warning(
          'HISTORY_SECONDS',
          `the last publisher on ${channel} has ${kept}, and here it is ${retention.seconds}`,
          'set the same in Django (DMS_LIVE)',
        ),
      );
    const source = names.channelOf(channel);
    const happened = Date.parse((source && readMessage(names.kinds, source, event).event?.time) ?? '');
    if (happened - appendedAt > SKEW_MS)
      findings.push(
        warning(
          'clock',
          `the last publisher on ${channel} is ${duration(happened - appendedAt)} ahead of Redis`,
          'let all machines follow one time server (NTP)',
        ),
      );
  }
  const last = Math.max(...newest.map(({ appendedAt }) => appendedAt));
  return [ok('events', `the last one was appended at ${instant(last)}`), ...findings];
}

async function examineLetters({ names, history }: Lookout): Promise<Finding> {
  const since = (await history.now()) - LATELY_MS;
  for await (const letter of history.deadLetters(names.deadLetters)) {
    if (letter.refusedAt < since) break;
    return warning(
      'refused',
      `a message on ${letter.topic} at ${instant(letter.refusedAt)} (${letter.reason}): ${letter.detail}`,
      `mend the publisher; the stream ${names.deadLetters} has all of them`,
    );
  }
  return ok('refused', 'no message in the last hour');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
