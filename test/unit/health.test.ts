import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createHealth } from '../../src/health.ts';

function useHealth() {
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const health = createHealth(pino({ level: 'trace', base: null, timestamp: false }, destination));
  return { health, lines };
}

test('without troubles a process is ready, and reports nothing else', () => {
  expect(useHealth().health.readiness()).toEqual({ ready: true });
});

test('a blocking trouble makes a process not ready; another trouble only warns', () => {
  const { health } = useHealth();
  health.report('redis-evicts', { reason: 'it evicts', isBlocking: false });
  expect(health.readiness()).toEqual({ ready: true, warnings: ['it evicts'] });
  health.report('redis-deaf', { reason: 'it is deaf', isBlocking: true });
  expect(health.readiness()).toEqual({ ready: false, reason: 'it is deaf', warnings: ['it evicts'] });
  health.report('redis-deaf', undefined);
  expect(health.readiness()).toEqual({ ready: true, warnings: ['it evicts'] });
});

test('each change is logged once, however often it is reported', () => {
  const { health, lines } = useHealth();
  for (let i = 0; i < 3; i += 1) health.report('redis-deaf', { reason: 'it is deaf', isBlocking: true });
  health.report('redis-deaf', { reason: 'for another reason', isBlocking: true });
  for (let i = 0; i < 3; i += 1) health.report('redis-deaf', undefined);
  expect(lines).toEqual([
    { level: 50, trouble: 'redis-deaf', reason: 'it is deaf', msg: 'trouble' },
    { level: 50, trouble: 'redis-deaf', reason: 'for another reason', msg: 'trouble' },
    { level: 30, trouble: 'redis-deaf', msg: 'trouble is over' },
  ]);
});
