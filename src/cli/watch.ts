import { defineCommand, flag, text, UsageError } from './command.ts';
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
    unit: text('ID', 'only the events of a unit'),
    user: text('ID', 'only what is addressed to a user; with --unit also that'),
    kind: { ...text('KIND', 'only events of this kind; may be repeated'), multiple: true },
    sessions: flag('also revocations, and users who have changed'),
    bodies: flag('also the content of events, which may be personal data'),
    since: text('TIME', 'first what the logs have of the last 30s, 10m or 2h'),
    for: text('TIME', 'end after this time'),
    count: text('NUMBER', 'end after this number of events'),
    json: flag('write one JSON object for each event'),
  },
  async run(values, _positionals, { environment, out, error }) {
    const [{ withLookout }, { topicsOf, watchEvents }, { writeEvent }, { counted }, { isUnitId, isUserId }] =
      await Promise.all([
        import('./with-lookout.ts'),
        import('./watch/watch-events.ts'),
        import('./watch/watched-event.ts'),
        import('./finding.ts'),
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
      if (topicsOf(lookout, { unitId: unit, userId: user, kinds }).length === 0 && values.sessions !== true)
        throw new UsageError(`Nothing of ${kinds?.join(', ') ?? 'this schema'} is addressed to a user.`);
      const ended = createEnd();
      const watching = watchEvents(lookout, {
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
        onLeftOut: (count) =>
          error(`Left out here: ${counted(count, 'event')}, which came faster than they could be shown.`),
        onInterrupted: () => error('Redis has gone: what is published now is not shown.'),
        onRestored: () => error('Watching again. What is missing is in the logs: --since.'),
        onRefused: (name) => error(`Redis refuses ${name}: see “Accounts” in docs/redis.md`),
        onReady() {
          error('Watching. Ctrl-C ends it.');
          ended.endAfter(forMs);
        },
      });
      watching.catch(() => undefined); // after the end
      const stop = await Promise.race([watching, ended.promise]);
      await ended.promise;
      left = 0; // also of what is being read
      stop?.();
      return 0;
    });
  },
});

function readCount(written: string | undefined): number {
  if (written === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,6}$/.test(written)) throw new UsageError('--count: write a whole number from 1.');
  return Number(written);
}

interface End {
  readonly promise: Promise<undefined>;
  end(): void;
  /** @param milliseconds `undefined`: never. */
  endAfter(milliseconds: number | undefined): void;
}

/** Resolves on Ctrl-C, after a time, or when it is ended. */
function createEnd(): End {
  let timer: NodeJS.Timeout | undefined;
  let end = (): void => undefined;
  const promise = new Promise<undefined>((resolve) => {
    end = () => {
      clearTimeout(timer);
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
      resolve(undefined);
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
  return {
    promise,
    end: () => end(),
    endAfter(milliseconds) {
      if (milliseconds !== undefined) timer = setTimeout(end, milliseconds);
    },
  };
}
