/** Events as a DMS with much to do publishes them, of unit 1. */
import { onTestFinished } from 'vitest';
import type { Demo } from '../../../src/demo/start-demo.ts';
import { connectPublisher, type Publishable } from '../../../src/publisher.ts';
import { useDemo, visit } from '../../support/demo.ts';
import { useRedis } from '../../support/redis.ts';
import type { Seat } from './seat.ts';

const STEPS = [
  { action: 'UPDATED', status: 'Pending' },
  { action: 'APPROVED', status: 'Approved' },
  { action: 'ISSUED', status: 'Issued' },
  { action: 'RETURNED', status: 'Returned' },
] as const;

export interface Feed {
  readonly demo: Demo;
  /** Changes requests that are there, over and over the same ones. Settles when these pages have heard the last of it. */
  change(count: number, ...seats: readonly Seat[]): Promise<void>;
  /** Tells of requests that nobody knows. */
  create(count: number, ...seats: readonly Seat[]): Promise<void>;
}

/** A demo over a Redis of its own, whose events the test publishes. */
export async function useFeed(): Promise<Feed> {
  const redis = await useRedis();
  const demo = await useDemo({ REDIS_URL: redis.url });
  const publisher = connectPublisher({ redisUrl: redis.url });
  onTestFinished(() => publisher.close());
  const { body } = await (await visit(demo, 'leila')).get('/requests/');
  const ids: string[] = body['results'].map(({ id }: { id: string }) => id);
  let told = 0;

  async function publish(events: readonly Publishable<'request'>[], seats: readonly Seat[]): Promise<void> {
    const last = String(events.at(-1)?.id);
    const heard = seats.map((seat) => seat.hears(last));
    await Promise.all(events.map((event) => publisher.publish({ kind: 'request', unitId: '1' }, event)));
    await Promise.all(heard);
  }

  return {
    demo,
    change: (count, ...seats) =>
      publish(
        Array.from({ length: count }, () => {
          told += 1;
          const { action, status } = STEPS[told % STEPS.length] ?? STEPS[0];
          const id = ids[told % ids.length] ?? '';
          return { ...happened(), action, request: { id, requestType: 'Withdrawal', status, unitId: '1' } };
        }),
        seats,
      ),
    create: (count, ...seats) =>
      publish(
        Array.from({ length: count }, () => {
          told += 1;
          const request = { id: 900_000 + told, requestType: 'Storage', status: 'Pending', unitId: '1' };
          return { ...happened(), action: 'CREATED', request };
        }),
        seats,
      ),
  };
}

function happened() {
  return {
    id: crypto.randomUUID(),
    occurredAt: new Date().toISOString(),
    actor: { id: 104, name: 'Peter Osei', role: 'Store Head' },
  };
}
