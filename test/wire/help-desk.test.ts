/** The same server for another domain. It needs nothing but a schema (test/wire/help-desk.graphql). */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readDomain } from '../../src/events/domain.ts';
import { createTopicNames } from '../../src/events/topic-names.ts';
import { createPublisher } from '../../src/topics/publisher.ts';
import { KEEP, useRedisBus } from '../support/buses.ts';
import { type Addressed, post, useClient, useStream } from '../support/clients.ts';
import { useProgram } from '../support/process.ts';
import { type TestRedis, useRedis } from '../support/redis.ts';
import { people, SECRET } from '../support/tokens.ts';

const SCHEMA = fileURLToPath(new URL('help-desk.graphql', import.meta.url));
const TICKETS =
  'subscription { ticketChanged { id ticket { id unitId subject urgency device { model } deviceId } } }';

interface HelpDesk extends Addressed {
  readonly redis: TestRedis;
  /** Publishes with a plain PUBLISH, as any program may. */
  publish(topic: string, message: object): Promise<unknown>;
  /** Publishes by the script, so that clients can resume. */
  readonly publisher: ReturnType<typeof createPublisher>;
}

/** Starts a real server with the schema of a help desk, and a Redis. */
async function useHelpDesk(): Promise<HelpDesk> {
  const redis = await useRedis();
  const settings = { REDIS_URL: redis.url, JWT_SECRET: SECRET, PORT: '0', KPI_INTERVAL_MS: '0', SCHEMA };
  const server = useProgram('main.js', settings);
  const [, url = ''] = await server.says(/"url":"(http[^"]+)"/);
  const names = createTopicNames('dms', readDomain(SCHEMA).kinds);
  return {
    url,
    redis,
    publish: (topic, message) => redis.client.publish(topic, JSON.stringify(message)),
    publisher: createPublisher(useRedisBus(redis), names, KEEP),
  };
}

const ticket = (changes: object = {}) => ({
  id: 1,
  unitId: 5,
  subject: 'No paper',
  urgency: 'Very High',
  ...changes,
});
const changed = (id: string, changes: object = {}) => ({
  id,
  changedAt: '2026-11-22T10:30:00+01:00',
  ticket: ticket(changes),
});

describe('a help desk', () => {
  test('delivers a unit’s events to its people, and no events of other units', async () => {
    const desk = await useHelpDesk();
    const head = useClient(desk, await people.head()).run(TICKETS);
    const stranger = useClient(desk, await people.stranger()).run(TICKETS);
    const stream = await useStream(desk, TICKETS, await people.head());
    for (const unit of [5, 7]) await desk.redis.untilSubscribed(`dms:ticket:unit:${unit}`);
    await desk.publish('dms:ticket:unit:7', changed('of 7', { unitId: 7 }));
    await desk.publish('dms:ticket:unit:5', changed('stray', { unitId: 7 }));
    await desk.publish('dms:ticket:unit:5', changed('of 5', { device: { id: 3, unitId: 7, model: 'X' } }));
    const seen = {
      id: 'of 5',
      ticket: {
        id: '1',
        unitId: '5',
        subject: 'No paper',
        urgency: 'VERY_HIGH',
        device: null,
        deviceId: '3',
      },
    };
    expect(await head.data()).toEqual({ ticketChanged: seen });
    expect((await stream.next())?.data).toMatchObject({ data: { ticketChanged: seen } });
    expect((await stranger.data())['ticketChanged'].id).toBe('of 7');
    expect(head.pending).toBe(0);
  });

  test('refuses another unit, and fields that need a role', async () => {
    const desk = await useHelpDesk();
    const client = useClient(desk, await people.head());
    expect(await client.run('subscription { ticketChanged(unitId: 7) { id } }').codes()).toEqual([
      'FORBIDDEN',
    ]);
    expect(await client.run('subscription { ticketChanged { ticket { notes } } }').codes()).toEqual([
      'FORBIDDEN',
    ]);
    expect(await client.run('subscription { ticketChanged(urgencies: []) { id } }').codes()).toEqual([
      'BAD_USER_INPUT',
    ]);
  });

  test('filters as its schema defines', async () => {
    const desk = await useHelpDesk();
    const client = useClient(desk, await people.head());
    const urgent = client.run(
      'subscription { ticketChanged(urgencies: [VERY_HIGH], isOverdue: true) { id } }',
    );
    const one = client.run('subscription { ticketChanged(ticketId: 2) { id } }');
    await client.run('{ viewer { id } }').data();
    await desk.redis.untilSubscribed('dms:ticket:unit:5');
    const tickets = [
      { isOverdue: false },
      { isOverdue: true, urgency: 'LOW' },
      { id: 2 },
      { isOverdue: true },
    ];
    for (const [index, changes] of tickets.entries())
      await desk.publish('dms:ticket:unit:5', changed(`${index}`, changes));
    expect((await urgent.data())['ticketChanged'].id).toBe('3');
    expect((await one.data())['ticketChanged'].id).toBe('2');
  });

  test('delivers events to the person that they are addressed to', async () => {
    const desk = await useHelpDesk();
    const mine = 'subscription { ticketChanged(mine: true) { id } }';
    const head = useClient(desk, await people.head()).run(mine);
    await desk.redis.untilSubscribed('dms:ticket:user:17');
    await desk.publish('dms:ticket:user:23', changed('to 23'));
    await desk.publish('dms:ticket:unit:5', changed('to the team'));
    await desk.publish('dms:ticket:user:17', changed('to 17', { unitId: 7 }));
    expect((await head.data())['ticketChanged'].id).toBe('to 17');
  });

  test('delivers the newest snapshot at once, for a unit and for all units together', async () => {
    const desk = await useHelpDesk();
    const at = (second: number, unitId: number | null, open: number) => ({
      id: `${unitId} at ${second}`,
      unitId,
      countedAt: `2026-11-22T09:30:0${second}Z`,
      open,
    });
    for (const [second, open] of [
      [5, 50],
      [3, 30],
    ] as const)
      await desk.publisher.publish({ kind: 'workload', unitId: '5' }, at(second, 5, open));
    await desk.publisher.publish({ kind: 'workload', all: 'together' }, at(1, null, 999));
    const query = '{ workload { open } }';
    const token = await people.head();
    expect((await post(desk, query, { token })).body).toEqual({ data: { workload: { open: 50 } } });
    const live = useClient(desk, token).run(`subscription ${query}`);
    expect(await live.data()).toEqual({ workload: { open: 50 } });
    await desk.publisher.publish({ kind: 'workload', unitId: '5' }, at(6, 5, 60));
    expect(await live.data()).toEqual({ workload: { open: 60 } });
    const all = useClient(desk, await people.admin()).run(`subscription ${query}`);
    expect(await all.data()).toEqual({ workload: { open: 999 } });
  });

  test('refuses a message that does not fit its schema', async () => {
    const { publisher } = await useHelpDesk();
    const publish = (message: object) => publisher.publish({ kind: 'ticket', unitId: '5' }, message);
    await expect(publish(changed('a', { subject: '' }))).rejects.toThrow('ticket.subject');
    await expect(publish(changed('a', { urgency: 'Soon' }))).rejects.toThrow('ticket.urgency');
    await expect(publish({ ...changed('a'), changedAt: '2026-11-22' })).rejects.toThrow('changedAt');
    await expect(publish(changed('a', { unitId: 7 }))).rejects.toThrow('wrong unit');
    expect(await publish(changed('a'))).toMatchObject({ offset: 1 });
  });
});

test('a schema that lacks a rule does not start; the error says where, and what to write', async () => {
  const redis = await useRedis();
  const file = fileURLToPath(new URL('leaky.graphql', import.meta.url));
  const server = useProgram('main.js', { REDIS_URL: redis.url, JWT_SECRET: SECRET, PORT: '0', SCHEMA: file });
  expect(await server.exited).toBe(1);
  expect(server.output).toContain('Subscription.ticketChanged has no authorization: write @unitScope');
  expect(server.output).toContain('TicketEvent is an event of no unit');
  expect(server.output).not.toMatch(/^ +at /m); // written for people, without a stack
});
