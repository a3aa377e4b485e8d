/** Many events for unit 1, as a busy DMS publishes them. */
import { onTestFinished } from 'vitest';
import type { Demo } from '../../../demo/server/src/start-demo.ts';
import { connectPublisher, type Publishable } from '../../../src/publisher.ts';
import type { Data } from '../../support/clients.ts';
import { useDemo, visit } from '../../support/demo.ts';
import { useRedis } from '../../support/redis.ts';
import { entityOf } from './demo-work.ts';
import type { Seat } from './seat.ts';

const STATUSES = ['Pending', 'Approved', 'Issued', 'Returned'];

export interface Feed {
  readonly demo: Demo;
  /** Changes existing requests, the same ones again and again. Settles when these pages have received the last event. */
  change(count: number, ...seats: readonly Seat[]): Promise<void>;
  /** Publishes events about new requests. */
  create(count: number, ...seats: readonly Seat[]): Promise<void>;
}

/** A demo over its own Redis. The test publishes its events. */
export async function useFeed(): Promise<Feed> {
  const redis = await useRedis();
  const demo = await useDemo({ REDIS_URL: redis.url });
  const publisher = connectPublisher({ redisUrl: redis.url });
  onTestFinished(() => publisher.close());
  const { body } = await (await visit(demo, 'leila')).get('/requests/');
  const requests: Data[] = body['results'].map(entityOf);
  let published = 0;

  async function publish(events: readonly Data[], seats: readonly Seat[]): Promise<void> {
    const last = String(events.at(-1)?.['id']);
    const arrivals = seats.map((seat) => seat.receives(last));
    await Promise.all(
      events.map((event) =>
        publisher.publish({ kind: 'request', unitId: '1' }, event as Publishable<'request'>),
      ),
    );
    await Promise.all(arrivals);
  }

  return {
    demo,
    change: (count, ...seats) =>
      publish(
        Array.from({ length: count }, () => {
          published += 1;
          const known = requests[published % requests.length];
          const request = { ...known, status: STATUSES[published % STATUSES.length] };
          return { ...happened(), action: 'UPDATED', request };
        }),
        seats,
      ),
    create: (count, ...seats) =>
      publish(
        Array.from({ length: count }, () => {
          published += 1;
          const request = { ...requests[0], id: 900_000 + published, status: 'Pending' };
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
