import { defineCommand, flag, text, UsageError } from './command.ts';
import type { Wanted } from './why/find-event.ts';
import { readEntity } from './why/read-entity.ts';
import type { Whom } from './why/whom.ts';

export const why = defineCommand({
  name: 'why',
  summary: 'say where an event stands, who may see it, and why somebody did not get it',
  usage: '(--event ID | --entity KIND:ID | --user ID) [options]',
  help: [
    'Looks for an event in Redis: appended, refused, deleted, or never there. With a user it also says by which fields of the API that',
    'user gets it and by which rule not, what is on record against the token, and, as answered by the servers, where the user is connected',
    'and how far each subscription has come. Reads only. Shows no content of events and no token.',
    'The exit code is 1 if something stands between the event and the user, otherwise 0.',
  ].join('\n'),
  options: {
    event: text('ID', 'the id of the event'),
    entity: text('KIND:ID', 'the newest event about it, such as request:4821'),
    kind: text('KIND', 'look only among the events of a kind; with --event'),
    user: text('ID', 'who did not get it'),
    unit: text('ID', 'the unit of that user; default: as an open session says'),
    role: text('ROLE', 'the role of that user; default: as an open session says'),
    'token-file': text('FILE', 'a file with the token of that user: says also whether a server accepts it'),
    json: flag('write one JSON object'),
  },
  async run(values, _positionals, { environment, out, error }) {
    const { explainDelivery, writeExplanation } = await import('./why/explain.ts');
    const { withLookout } = await import('./with-lookout.ts');
    const wanted = readWanted(values);
    const whom: Whom = {
      userId: values.user,
      unitId: values.unit,
      role: values.role,
      tokenFile: values['token-file'],
    };
    return withLookout({ environment, error }, async (lookout) => {
      const explanation = await explainDelivery({ environment, lookout, wanted, whom });
      if (values.json === true) out(JSON.stringify(explanation));
      else for (const line of writeExplanation(explanation)) out(line);
      return explanation.isObstructed ? 1 : 0;
    });
  },
});

interface Given {
  readonly event?: string | undefined;
  readonly entity?: string | undefined;
  readonly kind?: string | undefined;
  readonly user?: string | undefined;
  readonly 'token-file'?: string | undefined;
}

/** `undefined`: only a user is asked about. */
function readWanted({ event, entity, kind, ...whom }: Given): Wanted | undefined {
  if (event !== undefined && entity !== undefined)
    throw new UsageError('Give --event or --entity, not both.');
  if (event !== undefined) return { eventId: event, kind };
  if (kind !== undefined) throw new UsageError('--kind goes with --event.');
  if (entity === undefined) {
    if (whom.user === undefined && whom['token-file'] === undefined)
      throw new UsageError('Say what is looked for: --event, --entity or --user.');
    return undefined;
  }
  return readEntity(entity);
}
