import { defineCommand, flag, type Io, text, UsageError } from './command.ts';
import type { Wanted } from './why/find-event.ts';
import { readEntity } from './why/read-entity.ts';

interface Asked {
  readonly event?: string | undefined;
  readonly entity?: string | undefined;
  readonly user?: string | undefined;
  readonly anchors?: string | undefined;
  readonly json?: boolean | undefined;
}

export const record = defineCommand({
  name: 'record',
  summary: 'say from the security log who was sent which events, or whether its lines were altered',
  usage: 'who (--event ID | --entity KIND:ID | --user ID) [options] FILE… | verify [--anchors FILE] FILE…',
  help: [
    'FILE is a file with lines of the security log (docs/security-log.md), of any number of processes; - is standard input. Other lines in it do not matter.',
    '',
    'who: joins them with the logs of topics in Redis. With --event or --entity it says who was sent these events; with --user which events that user was',
    'sent, or whether they are among those. What is there of a role is judged by the settings and the schema of today. Sent means: written to the socket of.',
    'Nobody knows what a person has read. Reads only. Shows no content of events. The exit code is 1 if something is missing that may change the answer.',
    '',
    'verify: checks the chain of hashes of each process, with SECURITY_LOG_KEY where the servers have one, and names lines that were altered, removed, moved',
    'or inserted. With --anchors it also finds what was cut off, or computed again. The exit code is 1 if something is missing or altered.',
  ].join('\n'),
  positionals: { least: 1, most: 1000 },
  options: {
    event: text('ID', 'who: the id of an event'),
    entity: text('KIND:ID', 'who: all events about it, such as request:4821'),
    user: text('ID', 'who: only what was sent to a user'),
    anchors: text('FILE', 'verify: what manage.py live_anchors has written'),
    json: flag('write one JSON object'),
  },
  async run(asked, [what, ...files], io) {
    if (what !== 'who' && what !== 'verify')
      throw new UsageError(`There is no record ${what}: dms-live record who, dms-live record verify.`);
    if (files.length === 0)
      throw new UsageError('Name a file with lines of the security log, or - for standard input.');
    return what === 'who' ? askWho(asked, files, io) : askWhole(asked, files, io);
  },
});

async function askWho(asked: Asked, files: readonly string[], { environment, out, error }: Io) {
  const { event, entity, user, anchors, json } = asked;
  const wanted = readWanted(event, entity);
  if (anchors !== undefined) throw new UsageError('--anchors is for record verify.');
  if (wanted === undefined && user === undefined)
    throw new UsageError('Say what is looked for: --event, --entity or --user.');
  const { readLines } = await import('./record/read-lines.ts');
  const { findRecipients, writeRecipients } = await import('./record/who.ts');
  const { withLookout } = await import('./with-lookout.ts');
  return withLookout({ environment, error }, async (lookout) => {
    const found = await findRecipients({ lookout, lines: readLines(files), wanted, userId: user });
    if (json === true) out(JSON.stringify(found));
    else for (const line of writeRecipients(found)) out(line);
    return found.missing.some(({ level }) => level === 'warning') ? 1 : 0;
  });
}

/** `undefined`: only a user is asked about. */
function readWanted(event: string | undefined, entity: string | undefined): Wanted | undefined {
  if (event !== undefined && entity !== undefined)
    throw new UsageError('Give --event or --entity, not both.');
  if (event !== undefined) return { eventId: event, kind: undefined };
  return entity === undefined ? undefined : readEntity(entity);
}

async function askWhole(asked: Asked, files: readonly string[], { environment, out }: Io) {
  const { event, entity, user, anchors, json } = asked;
  if ((event ?? entity ?? user) !== undefined)
    throw new UsageError('--event, --entity and --user are for record who.');
  const { readLines } = await import('./record/read-lines.ts');
  const { readAnchors } = await import('./record/anchors.ts');
  const { verifyLines, writeVerified } = await import('./record/verify.ts');
  const verified = await verifyLines({
    lines: readLines(files),
    anchors: anchors === undefined ? undefined : await readAnchors(anchors),
    key: environment['SECURITY_LOG_KEY']?.trim() || undefined,
  });
  if (json === true) out(JSON.stringify(verified));
  else for (const line of writeVerified(verified)) out(line);
  return verified.isBroken ? 1 : 0;
}
