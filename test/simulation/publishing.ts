import type { Retention } from '../../src/bus/bus.ts';
import type { Channel, TopicNames } from '../../src/topics/topic.ts';
import { createSimulatedBus } from './bus.ts';
import type { Surroundings } from './network.ts';
import type { Target } from './plan.ts';
import { badIdOf, idOf, UNITS, USERS, writeBadEvent, writeEvent } from './wishes.ts';

/** All who publish: each event is repeated until it is taken, by its id, for an error does not say whether it was. */
export interface Publishing {
  /** How many events there were. */
  readonly count: number;
  readonly isBusy: boolean;
  publish(how: 'publish' | 'publish bare' | 'publish bad', to: Target, count: number): void;
  /** One event on every topic. */
  publishEverywhere(): void;
  close(): void;
}

const MAX_PAUSE_MS = 50;

export function createPublishing(
  surroundings: Surroundings,
  names: TopicNames,
  retention: Retention,
): Publishing {
  const { clock, random, note } = surroundings;
  const buses = [createSimulatedBus(surroundings), createSimulatedBus(surroundings)];
  /** Snapshots of a topic are counted one after the other. */
  const queues = new Map<string, Promise<void>>();
  let count = 0;
  let busy = 0;
  let isClosed = false;

  async function untilTaken(channel: Channel, id: string, write: () => string): Promise<void> {
    const bus = random.pick(buses);
    const event = write();
    while (!isClosed) {
      try {
        await bus.append(names.logKeysOf(channel), id, event, retention);
        return;
      } catch {
        await new Promise<void>((resolve) => clock.after(random.between(1, MAX_PAUSE_MS), resolve));
      }
    }
  }

  function begin(channel: Channel, { kind }: Target, publish: () => Promise<void>): void {
    busy += 1;
    const name = names.nameOf(channel).channel ?? '';
    const before = kind === 'kpis' ? queues.get(name) : undefined;
    const done = (before === undefined ? publish() : before.then(publish)).finally(() => {
      busy -= 1;
    });
    if (kind === 'kpis') queues.set(name, done);
  }

  function publish(how: 'publish' | 'publish bare' | 'publish bad', to: Target, times: number): void {
    // A bare snapshot cannot be resumed after; a bad one hides the one before, which is all that a log of snapshots is read for.
    if (to.kind === 'kpis' && how !== 'publish') return;
    const channel = channelOf(to);
    const unitId = to.scope === 'unit' ? to.id : to.kind === 'kpis' ? null : UNITS[0];
    for (let time = 0; time < times; time += 1) {
      count += 1;
      const number = count;
      const id = how === 'publish bad' ? badIdOf(number) : idOf(number, to.crateId);
      note(() => `${id} is to be published to ${names.nameOf(channel).channel}`);
      if (how === 'publish bare') {
        const event = writeEvent(to.kind, unitId, `bare ${id}`, to.crateId, clock.now);
        random
          .pick(buses)
          .publish(names.nameOf(channel).channel ?? '', event)
          .catch(() => undefined); // at most once
      } else {
        const write = (): string =>
          how === 'publish bad' ? writeBadEvent(id) : writeEvent(to.kind, unitId, id, to.crateId, clock.now);
        begin(channel, to, () => untilTaken(channel, id, write));
      }
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
    publishEverywhere() {
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
