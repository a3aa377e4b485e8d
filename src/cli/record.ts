import { defineCommand, flag, text, UsageError } from './command.ts';
import type { Wanted } from './why/find-event.ts';
import { readEntity } from './why/read-entity.ts';

export const record = defineCommand({
  name: 'record',
  summary: 'say from the security log which events were sent to whom, when, and what is missing',
  usage: 'who (--event ID | --entity KIND:ID | --user ID) [options] FILE…',
  help: [
    'Joins lines of the security log (docs/security-log.md) with the logs of topics in Redis. FILE is a file of such lines, of all processes; - is',
    'standard input. Other lines in it do not matter. With --event or --entity it says who was sent these events; with --user which events that user was sent,',
    'or whether they are among those. What is there of a role is judged by the settings and the schema of today. Sent means: written to the socket of.',
    'Nobody knows what a person has read. Reads only. Shows no content of events. The exit code is 1 if something is missing that may change the answer.',
  ].join('\n'),
  positionals: { least: 1, most: 1000 },
  options: {
    event: text('ID', 'the id of an event'),
    entity: text('KIND:ID', 'all events about it, such as request:4821'),
    user: text('ID', 'only what was sent to a user'),
    json: flag('write one JSON object'),
  },
  async run({ event, entity, user, json }, [what, ...files], { environment, out, error }) {
    if (what !== 'who') throw new UsageError(`There is no record ${what}: dms-live record who.`);
    if (files.length === 0)
      throw new UsageError('Name a file with lines of the security log, or - for standard input.');
    const wanted = readWanted(event, entity);
    if (wanted === undefined && user === undefined)
      throw new UsageError('Say what is looked for: --event, --entity or --user.');
    const { readLines } = await import('./record/read-lines.ts');
    const { findRecipients, writeRecipients } = await import('./record/who.ts');
    const { withLookout } = await import('./with-lookout.ts');
    const lines = await readLines(files);
    return withLookout({ environment, error }, async (lookout) => {
      const found = await findRecipients({ lookout, lines, wanted, userId: user });
      if (json === true) out(JSON.stringify(found));
      else for (const line of writeRecipients(found)) out(line);
      return found.missing.some(({ level }) => level === 'warning') ? 1 : 0;
    });
  },
});

/** `undefined`: only a user is asked about. */
function readWanted(event: string | undefined, entity: string | undefined): Wanted | undefined {
  if (event !== undefined && entity !== undefined)
    throw new UsageError('Give --event or --entity, not both.');
  if (event !== undefined) return { eventId: event, kind: undefined };
  return entity === undefined ? undefined : readEntity(entity);
}
