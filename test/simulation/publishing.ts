import type { Retention } from '../../src/bus/bus.ts';
import { digestOf, formatEnvelope } from '../../src/bus/envelope.ts';
import type { LogPosition } from '../../src/bus/position.ts';
import type { Channel, TopicNames } from '../../src/events/topic-names.ts';
import { createSimulatedAppender } from './bus.ts';
import type { Surroundings } from './network.ts';
import type { Target } from './plan.ts';
import {
  badIdOf,
  foreignIdOf,
  idOf,
  snapshotIdOf,
  UNITS,
  USERS,
  writeBadEvent,
  writeEvent,
} from './wishes.ts';

/**
 * All publishers. Each repeats an event with the same id until Redis accepts it, because an error does not show whether it was
 * accepted.
 */
export interface Publishing {
  /** The number of published events. */
  readonly count: number;
  readonly isBusy: boolean;
  publish(how: 'publish' | 'publish bare' | 'publish bad', to: Target, count: number): void;
  /** Another installation publishes on our channels, but it has other keys. */
  publishForeign(to: Target, count: number): void;
  /** Publishes one event on every topic. */
  publishEverywhere(): void;
  close(): void;
}

const MAX_PAUSE_MS = 50;
/** The generation of the other installation's logs. */
const FOREIGN = digestOf('others');

export function createPublishing(
  surroundings: Surroundings,
  names: TopicNames,
  retention: Retention,
): Publishing {
  const { clock, random, redis, note } = surroundings;
  const buses = [createSimulatedAppender(surroundings), createSimulatedAppender(surroundings)];
  let count = 0;
  let busy = 0;
  let computedAt = clock.now;
  let isClosed = false;
  /** True from the last events on: these are published without a delay. */
  let isClosing = false;

  async function untilTaken(channel: Channel, id: string, event: string): Promise<void> {
    const bus = random.pick(buses);
    while (!isClosed) {
      try {
        await bus.append(names.logKeysOf(channel), id, event, retention);
        return;
      } catch {
        await new Promise<void>((resolve) => clock.after(random.between(1, MAX_PAUSE_MS), resolve));
      }
    }
  }

  /** @param delayMs workers that compute KPIs take different times, so they overtake one another. */
  function begin(channel: Channel, id: string, event: string, delayMs: number): void {
    busy += 1;
    const publishNow = (): void =>
      void untilTaken(channel, id, event).finally(() => {
        busy -= 1;
      });
    if (delayMs === 0) publishNow();
    else clock.after(delayMs, publishNow);
  }

  /** The instant of a snapshot: now, the same as the one before, or none. */
  function computedNow(): number | null {
    if (random.chance(0.15)) return null;
    if (!random.chance(0.15)) computedAt = clock.now;
    return computedAt;
  }

  function publish(how: 'publish' | 'publish bare' | 'publish bad', to: Target, times: number): void {
    if (to.kind === 'kpis' && how === 'publish bare') return; // such an event cannot be resumed
    const channel = channelOf(to);
    const unitId = to.scope === 'unit' ? to.id : to.kind === 'kpis' ? null : UNITS[0];
    for (let time = 0; time < times; time += 1) {
      count += 1;
      const number = count;
      const id = idFor(how, number, to);
      note(() => `${id} is to be published to ${names.nameOf(channel).channel}`);
      if (how === 'publish bare') {
        const event = writeEvent(to.kind, unitId, `bare ${id}`, to.crateId);
        random
          .pick(buses)
          .publish(names.nameOf(channel).channel ?? '', event)
          .catch(() => undefined); // delivery at most once
      } else {
        const event = how === 'publish bad' ? writeBadEvent(id) : writeEvent(to.kind, unitId, id, to.crateId);
        const isSlow = to.kind === 'kpis' && !isClosing && random.chance(0.3);
        begin(channel, id, event, isSlow ? random.between(1, 300) : 0);
      }
    }
  }

  function idFor(how: 'publish' | 'publish bare' | 'publish bad', number: number, to: Target): string {
    if (how === 'publish bad') return badIdOf(number);
    return to.kind === 'kpis' ? snapshotIdOf(number, computedNow()) : idOf(number, to.crateId);
  }

  /** The position of the foreign event in its log: near the position of ours. */
  function foreignPosition(stream: string): LogPosition {
    const newest = redis.primary.data.newest(stream)?.position;
    const offset = Math.max(1, (newest?.offset ?? 0) + random.between(-2, 2));
    return { epoch: newest?.epoch ?? `${clock.now}`, offset };
  }

  function publishForeign(to: Target, times: number): void {
    const channel = channelOf(to);
    const unitId = to.scope === 'unit' ? to.id : to.kind === 'kpis' ? null : UNITS[0];
    const { stream, allStream, channel: name } = names.logKeysOf(channel);
    for (let time = 0; time < times; time += 1) {
      count += 1;
      const id = foreignIdOf(count);
      note(() => `${id} is published to ${name} by others`);
      const event = writeEvent(to.kind, unitId, id, to.crateId);
      const inAll = allStream === undefined ? undefined : foreignPosition(allStream);
      const envelope = formatEnvelope(foreignPosition(stream), inAll, event, FOREIGN);
      if (redis.primary.isUp) redis.publish(redis.primary, name, Buffer.from(envelope));
    }
  }

  return {
    get count() {
      return count;
    },
    get isBusy() {
      return busy > 0;
    },
    publish,
    publishForeign,
    publishEverywhere() {
      isClosing = true;
      const crateId = '1';
      for (const id of UNITS)
        for (const kind of ['crate', 'sendback', 'kpis'] as const)
          publish('publish', { kind, scope: 'unit', id, crateId }, 1);
      for (const id of USERS) publish('publish', { kind: 'sendback', scope: 'user', id, crateId }, 1);
      publish('publish', { kind: 'kpis', scope: 'together', id: '', crateId }, 1);
    },
    close() {
      isClosed = true;
      for (const bus of buses) void bus.close();
    },
  };
}

function channelOf({ kind, scope, id }: Target): Channel {
  if (scope === 'user') return { kind: 'sendback', userId: id };
  return scope === 'together' ? { kind: 'kpis', all: 'together' } : { kind, unitId: id };
}
