import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { answerQuestions } from '../../src/transport/presence.ts';
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
