import type { BusMessage, BusSubscription } from '../../bus/bus.ts';
import { digestOf } from '../../bus/envelope.ts';
import type { Topic } from '../../events/topic-names.ts';
import type { Lookout } from '../lookout.ts';
import {
  fromLog,
  fromMessage,
  fromSessionMessage,
  type ReadOptions,
  type WatchedEvent,
} from './watched-event.ts';

export interface WatchOptions {
  readonly unitId: string | undefined;
  readonly userId: string | undefined;
  /** `undefined`: all kinds. */
  readonly kinds: readonly string[] | undefined;
  /** Whether control messages are shown as well. */
  readonly withSessions: boolean;
  readonly withBodies: boolean;
  /** How far the log is read back first, in milliseconds. */
  readonly sinceMs: number | undefined;
  readonly onEvent: (event: WatchedEvent) => void;
  /** Redis refuses a channel. */
  readonly onRefused: (name: string) => void;
  /** Everything that comes from now on is shown. */
  readonly onReady: () => void;
}

/** Shows what the logs have, and then what comes. Returns how to stop; rejects when the logs cannot be read. */
export async function watchEvents(lookout: Lookout, options: WatchOptions): Promise<() => void> {
  const { names, subscribe } = lookout;
  const topics = topicsOf(lookout, options);
  const read: ReadOptions = { names, withBodies: options.withBodies };
  const shown = new Set<string>();
  const dated = createDating(lookout, read);
  let isStopped = false;
  const show = (event: WatchedEvent): void => {
    if (!isStopped) options.onEvent(event);
  };
  /** What comes waits for the past, and for the answer of Redis to when it was appended. */
  let past: Promise<unknown> = Promise.resolve();

  function receive(message: BusMessage): void {
    past = past.then(async () => {
      const event = message.channel === names.session ? sessionEvent(message) : await dated(message);
      if (event.position === undefined || !shown.has(keyOf(event))) show(event);
    });
  }

  const nameList = [
    ...topics.map((topic) => names.nameOf(topic)),
    ...(options.withSessions ? [{ channel: names.session }] : []),
  ];
  const subscriptions: BusSubscription[] = [];
  const settled = nameList.map(
    (name) =>
      new Promise<void>((resolve) => {
        const subscription = subscribe(name, receive, (state) => {
          if (state !== 'refused') return;
          options.onRefused(name.channel ?? name.pattern);
          resolve();
        });
        subscriptions.push(subscription);
        void subscription.ready.then(resolve);
      }),
  );
  await Promise.all(settled);
  past = readPast(lookout, topics, options.sinceMs).then((entries) => {
    for (const entry of entries) {
      const event = fromLog(entry, read);
      shown.add(keyOf(event));
      show(event);
    }
  });
  await past;
  options.onReady();
  return () => {
    isStopped = true;
    for (const subscription of subscriptions) subscription.close();
  };
}

const keyOf = ({ topic, position }: WatchedEvent): string => `${topic} ${position}`;

const sessionEvent = ({ channel, payload }: BusMessage): WatchedEvent => fromSessionMessage(channel, payload);

/** A unit, a user, both, or all units. */
function topicsOf(
  { names }: Lookout,
  { unitId, userId, kinds }: Pick<WatchOptions, 'unitId' | 'userId' | 'kinds'>,
): readonly Topic[] {
  const watched = [...names.kinds.values()].filter(({ kind }) => kinds?.includes(kind) !== false);
  return watched.flatMap(({ kind, hasUserTopics, hasTogether }): Topic[] => [
    ...(unitId === undefined ? [] : [{ kind, unitId }]),
    ...(userId === undefined || !hasUserTopics ? [] : [{ kind, userId }]),
    ...(unitId === undefined && userId === undefined ? [{ kind, all: 'units' } as const] : []),
    ...(unitId === undefined && userId === undefined && hasTogether
      ? [{ kind, all: 'together' } as const]
      : []),
  ]);
}

/** The entries of the last milliseconds, of all topics in the order in which they were appended. */
async function readPast({ names, history }: Lookout, topics: readonly Topic[], sinceMs: number | undefined) {
  if (sinceMs === undefined) return [];
  const since = (await history.now()) - sinceMs;
  const streams = topics.filter(names.isLogged).map(names.streamOf);
  const each = streams.map(async (stream) => {
    const entries = [];
    for await (const entry of history.newestFirst(stream)) {
      if (entry.appendedAt < since) break;
      entries.push(entry);
    }
    return entries.reverse();
  });
  return (await Promise.all(each)).flat().sort((one, two) => one.appendedAt - two.appendedAt);
}

/** Finds out when a message was appended, and whether that was in this Redis. */
function createDating({ names, history, redis }: Lookout, options: ReadOptions) {
  return async ({ channel, payload }: BusMessage): Promise<WatchedEvent> => {
    const { event, inTopic, generation } = fromMessage(channel, payload, options);
    const source = names.channelOf(channel);
    if (inTopic === undefined || source === undefined) return event;
    try {
      const ours = await redis.get(names.generationOf(source.kind));
      if (generation !== undefined && (ours === null || digestOf(ours) !== generation))
        return { ...event, refused: 'another installation publishes under this prefix' };
      const entry = await history.at(names.streamOf(source), inTopic);
      return { ...event, appendedAt: entry?.appendedAt };
    } catch {
      return event; // Redis is away: it is shown without the time
    }
  };
}
