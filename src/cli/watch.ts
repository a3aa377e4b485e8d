import { defineCommand, UsageError } from './command.ts';
import { readDuration } from './read-duration.ts';

export const watch = defineCommand({
  name: 'watch',
  summary: 'show events as they come',
  help: [
    'Shows each event as it comes: when it was appended (by Redis’ clock), its topic, action, entity, id, when it happened and how much',
    'later it was appended, and its position in the log. What servers would refuse is marked. Reads only. Without --unit and --user it shows',
    'all units. Ends on Ctrl-C, after --for, or after --count events.',
  ].join('\n'),
  options: {
    unit: { type: 'string', value: 'ID', description: 'only the events of a unit' },
    user: {
      type: 'string',
      value: 'ID',
      description: 'only what is addressed to a user; with --unit also that',
    },
    kind: {
      type: 'string',
      value: 'KIND',
      multiple: true,
      description: 'only events of this kind; may be repeated',
    },
    sessions: { type: 'boolean', description: 'also revocations, and users who have changed' },
    bodies: { type: 'boolean', description: 'also the content of events, which may be personal data' },
    since: {
      type: 'string',
      value: 'TIME',
      description: 'first what the logs have of the last 30s, 10m or 2h',
    },
    for: { type: 'string', value: 'TIME', description: 'end after this time' },
    count: { type: 'string', value: 'NUMBER', description: 'end after this number of events' },
    json: { type: 'boolean', description: 'write one JSON object for each event' },
  },
  async run(values, _positionals, { environment, out, error }) {
    const [{ withLookout }, { watchEvents }, { writeEvent }, { isUnitId, isUserId }] = await Promise.all([
      import('./with-lookout.ts'),
      import('./watch/watch-events.ts'),
      import('./watch/watched-event.ts'),
      import('../events/ids.ts'),
    ]);
    const { unit, user, kind: kinds } = values;
    if (unit !== undefined && !isUnitId(unit)) throw new UsageError('--unit: no unit can have this id.');
    if (user !== undefined && !isUserId(user)) throw new UsageError('--user: no user can have this id.');
    const sinceMs = readDuration('since', values.since);
    const forMs = readDuration('for', values.for);
    let left = readCount(values.count);

    return withLookout({ environment, error }, async (lookout) => {
      const strange = kinds?.find((kind) => !lookout.names.kinds.has(kind));
      if (strange !== undefined)
        throw new UsageError(`There is no kind ${strange}: ${[...lookout.names.kinds.keys()].join(', ')}.`);
      const ended = createEnd(forMs);
      const stop = await watchEvents(lookout, {
        unitId: unit,
        userId: user,
        kinds,
        withSessions: values.sessions === true,
        withBodies: values.bodies === true,
        sinceMs,
        onEvent(event) {
          if (left === 0) return;
          out(values.json === true ? JSON.stringify(event) : writeEvent(event));
          left -= 1;
          if (left === 0) ended.end();
        },
        onRefused: (name) => error(`Redis refuses ${name}: see “Accounts” in docs/redis.md`),
        onReady: () => error('Watching. Ctrl-C ends it.'),
      });
      await ended.promise;
      stop();
      return 0;
    });
  },
});

function readCount(written: string | undefined): number {
  if (written === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,6}$/.test(written)) throw new UsageError('--count: write a whole number from 1.');
  return Number(written);
}

/** Resolves on Ctrl-C, after a time, or when it is ended. */
function createEnd(afterMs: number | undefined): { readonly promise: Promise<void>; end(): void } {
  let end = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    const timer = afterMs === undefined ? undefined : setTimeout(() => end(), afterMs);
    end = () => {
      clearTimeout(timer);
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
      resolve();
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
  return { promise, end: () => end() };
}
