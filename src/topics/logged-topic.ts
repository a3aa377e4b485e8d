import type { Position } from 'yoga-shared-subscriptions';
import type { Bus } from '../bus/bus.ts';
import type { Envelope } from '../bus/envelope.ts';
import type { LogPosition } from '../bus/position.ts';
import type { LiveError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { LogAge } from './log-age.ts';
import type { ReadEvent } from './log-delivery.ts';
import type { TopicEvent } from './log-tail.ts';
import { keepNewestSnapshot, type NewestSnapshot } from './newest-snapshot.ts';
import { createRecentEvents, type RecentBudget } from './recent-events.ts';
import { createReplays, type Replays } from './replay.ts';
import { readEachOnce } from './seen-ids.ts';
import { createTopicLog, type TopicLog } from './topic-log.ts';

/** Where a topic's events are kept. */
export interface LoggedAs {
  readonly stream: string;
  readonly generationKey: string;
  readonly age: LogAge;
  readonly isOfAllUnits: boolean;
}

export interface LoggedTopicOptions {
  readonly bus: Bus;
  /** Whether its events are snapshots, of which only the newest counts. */
  readonly isOfSnapshots: boolean;
  /** Checks an event that comes in. */
  readonly read: ReadEvent;
  /** Checks an event of the log's past. */
  readonly reread: ReadEvent;
  readonly budget: RecentBudget;
  readonly log: Logger;
}

/** What a topic has besides its listeners if it has a log. */
export interface LoggedTopic extends Pick<TopicLog, 'receive' | 'pause' | 'resume' | 'check' | 'close'> {
  /** Finds the end of the log, and the newest snapshot before it. May be called again if it fails. */
  find(): Promise<void>;
  /** The end of the log when it was found. `undefined`: it has not been found yet. */
  readonly origin: Position | undefined;
  /** The newest position. `undefined`: the end of the log has not been found yet. */
  here(): Position | undefined;
  readonly newest: NewestSnapshot | undefined;
  readonly replays: Replays;
}

/** @param notify gets the topic's events: in order, each once. */
export function keepLog(
  options: LoggedTopicOptions,
  logged: LoggedAs,
  notify: (event: TopicEvent) => void,
  onLost: (error: LiveError) => void,
): LoggedTopic {
  const recent = createRecentEvents(options.budget);
  const readOnce = readEachOnce();
  let origin: Position | undefined;
  let isClosed = false;

  const topicLog = createTopicLog({
    ...logged,
    bus: options.bus,
    positionIn: logged.isOfAllUnits ? positionInAll : positionInTopic,
    read: readOnce(options.read),
    reread: readOnce(options.reread),
    deliver(event, bytes) {
      if (event.offset > 0) recent.append(event, bytes);
      snapshots?.offer(event);
      notify(event);
    },
    deliveredAt: recent.at,
    onLost,
    log: options.log,
  });
  const parts = {
    ...options,
    ...logged,
    topicLog,
    recent,
    origin: () => origin,
    isWanted: () => !isClosed,
  };
  const snapshots = options.isOfSnapshots ? keepNewestSnapshot(parts) : undefined;
  const position = (): Position => ({
    offset: topicLog.last.offset,
    cursor: topicLog.cursor,
    at: topicLog.appendedBy,
  });

  return {
    receive: topicLog.receive,
    pause: topicLog.pause,
    resume: topicLog.resume,
    check: topicLog.check,
    async find() {
      // Only once: a second start would skip what came meanwhile.
      if (origin === undefined)
        await topicLog.start(() => {
          origin = position();
        });
      await snapshots?.lookBack();
    },
    get origin() {
      return origin;
    },
    here: () => origin && position(),
    get newest() {
      return snapshots?.newest;
    },
    replays: createReplays(parts),
    close() {
      isClosed = true;
      topicLog.close();
      recent.close();
    },
  };
}

const positionInTopic = ({ inTopic }: Envelope): LogPosition => inTopic;
const positionInAll = ({ inAll }: Envelope): LogPosition | undefined => inAll;
