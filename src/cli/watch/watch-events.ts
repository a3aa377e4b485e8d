import type { BusMessage, BusSubscription, ChannelName, SubscriptionState } from '../../bus/bus.ts';
import type { Topic } from '../../events/topic-names.ts';
import type { Lookout } from '../lookout.ts';
import { createDating } from './dating.ts';
import { createWaitingMessages } from './waiting-messages.ts';
import { fromLog, type ReadOptions, type WatchedEvent } from './watched-event.ts';

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
  /** More came than could be shown: this number is missing here. */
  readonly onLeftOut: (count: number) => void;
  /** Redis refuses a channel. */
  readonly onRefused: (name: string) => void;
  /** Redis has gone: what is published until `onRestored` is not shown. */
  readonly onInterrupted: () => void;
  readonly onRestored: () => void;
  /** Everything that comes from now on is shown. */
  readonly onReady: () => void;
}

/** Shows what the logs have, and then what comes. Returns how to stop; rejects when the logs cannot be read. */
export async function watchEvents(lookout: Lookout, options: WatchOptions): Promise<() => void> {
  const { names } = lookout;
  const topics = topicsOf(lookout, options);
  const read: ReadOptions = { names, withBodies: options.withBodies };
  const date = createDating(lookout, read);
  const past = new Set<string>();
  let isStopped = false;
  const show = (event: WatchedEvent): void => {
    if (!isStopped) options.onEvent(event);
  };
  const waiting = createWaitingMessages({
    async show(messages) {
      for (const event of await date(messages)) if (!past.has(keyOf(event))) show(event);
    },
    onLeftOut: options.onLeftOut,
  });
  const channels = [
    ...topics.map((topic) => names.nameOf(topic)),
    ...(options.withSessions ? [{ channel: names.session }] : []),
  ];
  const unsubscribe = await subscribeAll(lookout, channels, waiting.add, options);
  for (const event of await readPast(lookout, topics, options.sinceMs, read)) {
    past.add(keyOf(event));
    show(event);
  }
  waiting.open();
  options.onReady();
  return () => {
    isStopped = true;
    waiting.close();
    unsubscribe();
  };
}

type ChannelReports = Pick<WatchOptions, 'onRefused' | 'onInterrupted' | 'onRestored'>;

/** Resolves when each channel is live or refused. Returns how to end all. */
async function subscribeAll(
  { subscribe }: Lookout,
  names: readonly ChannelName[],
  onMessage: (message: BusMessage) => void,
  { onRefused, onInterrupted, onRestored }: ChannelReports,
): Promise<() => void> {
  let hasBegun = false;
  const away = new Set<ChannelName>();
  function report(name: ChannelName, state: SubscriptionState): void {
    if (state === 'refused') onRefused(name.channel ?? name.pattern);
    if (!hasBegun) return;
    const wasWhole = away.size === 0;
    if (state === 'away') away.add(name);
    else away.delete(name);
    if (wasWhole !== (away.size === 0)) (wasWhole ? onInterrupted : onRestored)();
  }
  const subscriptions: BusSubscription[] = [];
  const settled = names.map(
    (name) =>
      new Promise<void>((resolve) => {
        const subscription = subscribe(name, onMessage, (state) => {
          report(name, state);
          if (state === 'refused') resolve();
        });
        subscriptions.push(subscription);
        void subscription.ready.then(resolve);
      }),
  );
  await Promise.all(settled);
  hasBegun = true;
  return () => {
    for (const subscription of subscriptions) subscription.close();
  };
}

const keyOf = ({ topic, position }: WatchedEvent): string => `${topic} ${position}`;

/** A unit, a user, both, or all units. */
export function topicsOf(
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

/** The events of the last milliseconds, of all topics in the order in which they were appended. */
async function readPast(
  { names, history }: Lookout,
  topics: readonly Topic[],
  sinceMs: number | undefined,
  options: ReadOptions,
): Promise<readonly WatchedEvent[]> {
  if (sinceMs === undefined) return [];
  const since = (await history.now()) - sinceMs;
  const streams = topics.filter(names.isLogged).map(names.streamOf);
  const each = streams.map(async (stream) => {
    const events: (WatchedEvent & { readonly appendedAt: number })[] = [];
    for await (const entry of history.newestFirst(stream)) {
      if (entry.appendedAt < since) break;
      events.push(fromLog(entry, options));
    }
    return events.reverse();
  });
  return (await Promise.all(each)).flat().sort((one, two) => one.appendedAt - two.appendedAt);
}
