import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { answerQuestions, type UserConnection } from '../../src/transport/presence.ts';
import { answer } from '../../src/transport/presence-messages.ts';
import { dmsNames } from '../support/domain.ts';

afterEach(() => void vi.useRealTimers());

test('ten questions are answered in a second, and ten more in the next', async () => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
  const bus = createMemoryBus();
  const names = dmsNames();
  let looks = 0;
  const ofUser = (): [] => {
    looks += 1;
    return [];
  };
  const stop = answerQuestions({ bus, names, transports: [{ ofUser }], log: pino({ level: 'silent' }) });
  const ask = async (): Promise<void> => {
    for (let time = 0; time < 15; time += 1)
      await bus.publish(names.questions, JSON.stringify({ id: randomUUID(), userId: '17' }));
  };
  await ask();
  expect(looks).toBe(10);
  vi.setSystemTime(1_001_000);
  await ask();
  expect(looks).toBe(20);
  stop();
  await ask();
  expect(looks).toBe(20);
  await bus.close();
});

test('an answer stays short: long arguments, and what is beyond 100 connections and 500 subscriptions, are left out', async () => {
  const bus = createMemoryBus();
  const names = dmsNames();
  const subscription = (requestId: string): object => ({
    cursor: () => undefined,
    context: {
      audience: {
        reading: { field: 'f', arguments: { requestId }, topic: { kind: 'request', unitId: '5' } },
      },
    },
  });
  const connection = (results: readonly object[]) =>
    ({
      session: {
        since: 1,
        visitor: { address: null, transport: 'websocket' },
        identity: { expiresAt: 2, viewer: { unitId: '5', role: null } },
      },
      results,
    }) as unknown as UserConnection;
  const [short, long] = ['1'.repeat(900), '1'.repeat(1001)];
  const busy = connection([subscription(long), ...Array.from({ length: 500 }, () => subscription(short))]);
  const all = [busy, ...Array.from({ length: 101 }, () => connection([]))];
  const stop = answerQuestions({
    bus,
    names,
    transports: [{ ofUser: () => all }],
    log: pino({ level: 'silent' }),
  });
  const id = randomUUID();
  const answered = new Promise<string>((resolve) => {
    bus.subscribe({ channel: names.answersTo(id) }, ({ payload }) => resolve(payload.toString()));
  });
  await bus.publish(names.questions, JSON.stringify({ id, userId: '17' }));
  const { connections, leftOut } = answer.parse(JSON.parse(await answered));
  expect(connections).toHaveLength(100);
  expect(connections[0]?.subscriptions).toHaveLength(500);
  expect(leftOut).toBe(2 + 1);
  expect(connections[0]?.subscriptions.slice(0, 2).map((one) => one.arguments)).toEqual([
    {},
    { requestId: short },
  ]);
  stop();
  await bus.close();
});
