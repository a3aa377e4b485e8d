/** Each subscriber gets exactly the payloads that it would get alone: over real WebSockets and event streams, also mixed. */
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { createAlone, type Received, settled } from '../support/alone.ts';
import { useApp } from '../support/app.ts';
import {
  type Asked,
  isAdmin,
  ownersIn,
  type Person,
  type Published,
  ROLES,
  worlds,
} from '../support/arbitraries.ts';
import { graphqlUrl, type RawClient, useSignedInRawClient } from '../support/clients.ts';
import { signToken } from '../support/tokens.ts';

interface Visit {
  readonly person: Person;
  readonly asked: Asked;
  readonly over: 'a socket' | 'an event stream';
  readonly operationId: string;
  /** The visitor leaves after this many rounds. */
  readonly leavesAfter: number;
}

interface Story {
  /** The visitors of each round, and the events that are published once all of them are there. */
  readonly rounds: readonly { readonly visits: readonly Visit[]; readonly events: readonly Published[] }[];
}

const stories: fc.Arbitrary<Story> = worlds.chain(({ people, asked, events }) => {
  const visit: fc.Arbitrary<Visit> = fc.record({
    person: people,
    asked,
    over: fc.constantFrom('a socket', 'an event stream'),
    operationId: fc.constantFrom('1', 'sse', '"é"'),
    leavesAfter: fc.integer({ min: 1, max: 3 }),
  });
  const round = fc.record({
    visits: fc.array(visit, { minLength: 1, maxLength: 6 }),
    events: fc.array(events, { minLength: 1, maxLength: 8 }),
  });
  return fc.record({ rounds: fc.array(round, { minLength: 1, maxLength: 3 }) });
});

/** The payloads of one visitor, as they arrive over the wire. */
interface Wire extends Received {
  /** Resolves when everything that was sent before has arrived. */
  caughtUp(due: number): Promise<void>;
}

const tokenOf = ({ userId, unitId, role }: Person): Promise<string> =>
  signToken({ user_id: userId, unit_id: unitId ?? undefined, role });

async function overSocket(app: App, { person, asked, operationId }: Visit): Promise<Wire> {
  const client: RawClient = await useSignedInRawClient(app, await tokenOf(person));
  const payloads: string[] = [];
  const start = `{"id":${JSON.stringify(operationId)},"type":"next","payload":`;
  client.socket.on('message', (data) => {
    const text = String(data);
    if (text.startsWith(start)) payloads.push(text.slice(start.length, -1));
  });
  client.send({ id: operationId, type: 'subscribe', payload: asked });
  const pong = async (): Promise<void> => {
    client.send({ type: 'ping' });
    while ((await client.next())['type'] !== 'pong');
  };
  await pong();
  return {
    payloads,
    caughtUp: async () => {
      await settled();
      await pong();
    },
    stop: () => client.socket.terminate(),
  };
}

async function overEventStream(app: App, { person, asked }: Visit): Promise<Wire> {
  const aborter = new AbortController();
  const response = await fetch(graphqlUrl(app), {
    method: 'POST',
    signal: aborter.signal,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${await tokenOf(person)}`,
    },
    body: JSON.stringify(asked),
  });
  const payloads: string[] = [];
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body ?? []) {
      const blocks = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks)
        if (block.startsWith('event: next\ndata: ')) payloads.push(block.slice('event: next\ndata: '.length));
    }
  };
  read().catch(() => undefined); // the test breaks it off in the end
  return {
    payloads,
    // An event stream answers no ping, so this waits for a while. It waits the whole time only if there is a fault.
    caughtUp: async (due) => {
      for (let at = 0; at < 200 && payloads.length < due; at += 1) await pause(5);
      await settled();
    },
    stop: () => aborter.abort(),
  };
}

test('each subscriber gets the payloads that it would get alone', async () => {
  const app = await useApp({ ...ROLES, KPI_INTERVAL_MS: '0' });
  const alone = createAlone(app.bus);
  const ask = ({ query, variables, operationName }: Asked): Asked => ({
    query,
    ...(variables !== undefined && { variables }),
    ...(operationName !== undefined && { operationName }),
  });

  await fc.assert(
    fc.asyncProperty(stories, async ({ rounds }) => {
      const visitors: { visit: Visit; wire: Wire; oracle: Received; leavesAfter: number }[] = [];
      for (const [at, { visits, events }] of rounds.entries()) {
        for (const visit of visits) {
          const come = visit.over === 'a socket' ? overSocket : overEventStream;
          const oracle = alone.run(visit.person, visit.asked);
          const wire = await come(app, { ...visit, asked: ask(visit.asked) });
          visitors.push({ visit, wire, oracle, leavesAfter: at + visit.leavesAfter });
        }
        await settled();
        for (const { topic, message } of events) void app.bus.publish(topic, JSON.stringify(message));
        await settled();
        const there = visitors.filter(({ leavesAfter }) => leavesAfter > at);
        for (const { visit, wire, oracle } of there) {
          if (visit.asked.isNewestOnly === true) await untilNewest(wire, oracle);
          else await wire.caughtUp(oracle.payloads.length);
          check(visit, wire, oracle);
        }
        for (const { wire, oracle, leavesAfter } of visitors) {
          if (leavesAfter !== at + 1) continue;
          wire.stop();
          oracle.stop();
        }
      }
      for (const { wire, oracle } of visitors) {
        wire.stop();
        oracle.stop();
      }
      for (let at = 0; at < 400 && app.stats().connections > 0; at += 1) await pause(5);
      expect(app.stats()).toMatchObject({ connections: 0, sessions: 0, subscriptions: 0, audiences: 0 });
    }),
    { numRuns: 25 },
  );
  alone.close();
}, 120_000);

/** Snapshots in between may be skipped; the newest one comes within the interval. */
async function untilNewest({ payloads }: Wire, oracle: Received): Promise<void> {
  for (let at = 0; at < 200 && payloads.at(-1) !== oracle.payloads.at(-1); at += 1) await pause(5);
}

function check({ person, asked }: Visit, { payloads }: Wire, oracle: Received): void {
  const details = JSON.stringify({ person, asked, got: payloads, due: oracle.payloads }, null, 1);
  if (asked.isNewestOnly === true) expect(payloads.at(-1), details).toEqual(oracle.payloads.at(-1));
  else expect(payloads, details).toEqual(oracle.payloads);
  const { units, users } = ownersIn(payloads.join('\n'));
  users.delete(person.userId);
  if (person.unitId !== null) units.delete(person.unitId);
  expect([...users], details).toEqual([]);
  if (!isAdmin(person)) expect([...units], details).toEqual([]);
}
