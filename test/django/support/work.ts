import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import type { Data } from '../../support/clients.ts';
import { until } from '../../support/redis.ts';
import { follow } from './follow.ts';
import { type Person, signIn } from './person.ts';
import type { World } from './world.ts';

const RETRY_MS = 25;

/** People who work until they are stopped. */
interface Work {
  /** Waits until this number of further actions has succeeded. */
  untilDone(actions: number): Promise<void>;
  /** Resolves with the number of actions that failed because the DMS was not there. */
  stop(): Promise<number>;
}

/** Two units in which people work, and a subscriber in each. */
export async function useWork(world: World) {
  const [leila, tomas, ravi] = [
    await signIn(world.dms, 'leila'),
    await signIn(world.dms, 'tomas'),
    await signIn(world.dms, 'ravi'),
  ];
  const listeners = [await listen(world, leila, 1), await listen(world, ravi, 2)];
  return { listeners, busy: work([leila, tomas, ravi]) };
}

/** Each person creates, changes and deletes crates, one after the other. */
function work(people: readonly Person[]): Work {
  let isOver = false;
  let done = 0;
  let unanswered = 0;

  async function tryTo(perform: () => Promise<Data>): Promise<Data | undefined> {
    try {
      const row = await perform();
      done += 1;
      return row;
    } catch (error) {
      // The DMS was killed, and the action may or may not have happened. Any other error fails the test.
      if (!(error instanceof TypeError)) throw error;
      unanswered += 1;
      await pause(RETRY_MS);
      return undefined;
    }
  }

  async function labour(person: Person): Promise<void> {
    for (let number = 1; !isOver; number += 1) {
      const papers = [{ document_name: `Plan ${number}`, document_number: `PLA-${number}` }];
      const crate = await tryTo(() => person.post('crates/', { documents: papers }));
      if (crate === undefined) continue;
      const path = `crates/${crate['id']}/`;
      await tryTo(() => person.put(path, { destruction_date: '2033-12-31' }));
      if (number % 2 === 0) await tryTo(() => person.remove(path).then(() => ({})));
    }
  }

  const labours = Promise.all(people.map(labour));
  labours.catch(() => undefined); // `stop` reports it
  onTestFinished(() => {
    isOver = true;
  });
  return {
    async untilDone(actions) {
      const enough = done + actions;
      await Promise.race([labours, until(() => done >= enough)]);
    },
    async stop() {
      isOver = true;
      await labours;
      return unanswered;
    },
  };
}

/** All events that a person has received about a unit's crates, from the start on. */
interface Listener {
  readonly unitId: number;
  readonly events: readonly string[];
}

async function listen(world: World, person: Person, unitId: number): Promise<Listener> {
  const following = await follow(world, person, 'crates');
  const events: string[] = [];
  const collect = async (): Promise<void> => {
    for (;;) {
      const [event] = await following.events(1);
      events.push(`${event?.['action']} ${event?.['crate'].unitId} ${event?.['crate'].id}`);
    }
  };
  collect().catch(() => undefined); // it ends with the test
  return { unitId, events };
}

const PATIENCE_MS = 20_000;

/**
 * Compares the received events with those that the DMS's database has committed, in its order.
 * @param order `of each crate` if transactions commit in parallel: then the order between two crates is not defined.
 */
export async function expectAllDelivered(
  { dms }: World,
  listeners: readonly Listener[],
  order: 'of all' | 'of each crate' = 'of all',
): Promise<void> {
  for (const { unitId, events } of listeners) {
    const rows = await dms.select(
      `SELECT action, object_id FROM audit_auditentry WHERE object_type = 'Crate' AND unit_id = ${unitId} ORDER BY id`,
    );
    const committed = rows.map(([action, id]) => `${wordOf(String(action))} ${unitId} ${id}`);
    const deadline = Date.now() + PATIENCE_MS;
    await until(() => events.length >= committed.length || Date.now() > deadline);
    expect(inOrder(events, order)).toEqual(inOrder(committed, order));
    expect(committed.length).toBeGreaterThan(0);
  }
}

const wordOf = (action: string): string => action.replace('crate ', '').toUpperCase();

function inOrder(events: readonly string[], order: 'of all' | 'of each crate'): string[] {
  const crateOf = (event: string): number => Number(event.split(' ').at(-1));
  // Sorting is stable, so the order of equal crates stays.
  return order === 'of all' ? [...events] : [...events].sort((one, other) => crateOf(one) - crateOf(other));
}
