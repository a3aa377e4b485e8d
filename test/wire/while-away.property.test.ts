/** What `whileAway` answers is what all the events add up to, as a subscriber receives them: from memory, and from the logs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import type { Channel } from '../../src/events/topic-names.ts';
import { useApp } from '../support/app.ts';
import { askAway, foldReceived, type Received } from '../support/away.ts';
import { type Data, type Operation, subscribed, useClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { publish } from '../support/resuming.ts';
import { signToken } from '../support/tokens.ts';

const EVENT = 'id action occurredAt actor { id }';
const STREAMS = {
  request: `subscription { requestUpdated { ${EVENT} request { id status } } }`,
  crate: `subscription { crateUpdated { ${EVENT} crate { id status } } }`,
  storage: `subscription { storageUpdated { ${EVENT} locations { id } } }`,
  sendback: `subscription { sendBackCreated { ${EVENT} sendBack { id } } }`,
  mine: `subscription { sendBackCreated(mine: true) { ${EVENT} sendBack { id } } }`,
} as const;
type Stream = keyof typeof STREAMS;
const STREAM_NAMES = Object.keys(STREAMS) as Stream[]; // its keys are what the type says

const ACTIONS: Readonly<Record<Stream, readonly string[]>> = {
  request: ['CREATED', 'APPROVED', 'ISSUED', 'MOVED_OUT', 'MOVED_IN'],
  crate: ['CREATED', 'STATUS_CHANGED', 'MOVED_OUT', 'MOVED_IN', 'DELETED'],
  storage: ['CREATED', 'BULK_CREATED', 'UPDATED', 'DELETED'],
  sendback: ['SENT_BACK'],
  mine: ['SENT_BACK'],
};

interface Step {
  readonly stream: Stream;
  readonly action: string;
  readonly things: readonly number[];
  readonly actor: string | null;
  readonly status: string;
  /** An event that is published a second time, under the same id. */
  readonly isRepeated: boolean;
}

const stepOf = (stream: Stream): fc.Arbitrary<Step> =>
  fc.record({
    stream: fc.constant(stream),
    action: fc.constantFrom(...ACTIONS[stream]),
    things: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), {
      minLength: 1,
      maxLength: stream === 'storage' ? 3 : 1,
    }),
    actor: fc.constantFrom('me', '9', '10', null),
    status: fc.constantFrom('Active', 'Withdrawn'),
    isRepeated: fc.boolean(),
  });
const steps = fc.array(fc.oneof(...STREAM_NAMES.map(stepOf)), { maxLength: 30 });

interface Publishing {
  readonly app: App;
  readonly unitId: string;
  readonly me: string;
  /** How many events a log keeps. */
  readonly cap: number;
}

/** Publishes what a step says. What is addressed to me goes to the unit as well. */
async function take({ app, unitId, me, cap }: Publishing, step: Step, id: string, index: number) {
  const { stream, action, things, actor, status, isRepeated } = step;
  const event = {
    action,
    occurredAt: new Date(Date.UTC(2026, 10, 22) + index * 1000).toISOString(),
    actor: actor === null ? null : { id: actor === 'me' ? me : actor, name: 'N', role: 'QC' },
  };
  const [thing = 0] = things;
  const kind = stream === 'mine' ? 'sendback' : stream;
  const body = {
    request: () => messages.request({ id: thing, unitId, status: 'Issued', crate: null }, event),
    crate: () => messages.crate({ id: thing, unitId, status, storage: null, documents: [] }, event),
    storage: () => messages.storage({}, { ...event, locations: things.map((one) => ({ id: one, unitId })) }),
    sendback: () => messages.sendback({ id: thing, unitId, request: null }, event),
  }[kind]();
  const channels: Channel[] = [{ kind, unitId }, ...(stream === 'mine' ? [{ kind, userId: me }] : [])];
  const retention = { events: cap, seconds: 3600 };
  for (const channel of channels)
    for (let times = isRepeated ? 2 : 1; times > 0; times -= 1)
      await publish(app, id, { channel, event: body, retention });
}

/** All that a subscription receives, up to the event `end`. */
async function receive(operation: Operation, stream: Stream): Promise<readonly Received[]> {
  const received: Received[] = [];
  for (;;) {
    const [event]: Data[] = Object.values(await operation.data());
    if (event === undefined || event['id'] === 'end') return received;
    const { id, action, occurredAt, actor, request, crate, sendBack, locations } = event;
    const isMine = stream === 'mine';
    const kind = isMine ? 'sendback' : stream;
    const entities = locations ?? [request ?? crate ?? sendBack];
    received.push({ id, action, occurredAt, actor, kind, isMine, entities });
  }
}

/** A line without the order of lines, as text. */
const comparable = (lines: readonly Data[]): string[] =>
  lines
    .filter(({ entityId }) => entityId !== END_THING)
    .map((line) => {
      const { kind, entityId, actions, eventIds, statusNow, firstAt, lastAt, isNew, isDeleted, isMine } =
        line;
      const actor = line['actor']?.id ?? null;
      const rest = { statusNow, firstAt, lastAt, actor, isNew, isDeleted, isMine };
      return JSON.stringify([kind, entityId, actions, eventIds, rest]);
    })
    .toSorted();

function expectedOf(received: readonly Received[], me: string): string[] {
  const inOrder = received.toSorted((one, other) => one.occurredAt.localeCompare(other.occurredAt));
  const lines = [...foldReceived(inOrder, me).values()];
  return comparable(
    lines.map(({ ids, actions, actor, ...line }) => ({
      ...line,
      actions: [...actions],
      eventIds: [...ids],
      actor: { id: actor },
    })),
  );
}

const END_THING = '999';
const END = { things: [999], actor: '9', status: 'Active', isRepeated: false };

test('the lines are what the events add up to, from memory and from the logs', async () => {
  const bus = createMemoryBus();
  const app = await useApp({ MAX_SUBSCRIPTIONS_PER_USER: '0' }, { bus });
  const cold = await useApp({}, { bus });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(1000, 4), async (published, cap) => {
      round += 1;
      const [unitId, me] = [`p${round}`, `u${round}`];
      const token = await signToken({ unit_id: unitId, user_id: me });
      const client = useClient(app, token);
      const operations: Operation[] = [];
      for (const stream of STREAM_NAMES) operations.push(await subscribed(client, STREAMS[stream]));
      const publishing = { app, unitId, me, cap };
      for (const [index, step] of published.entries())
        await take(publishing, step, `${unitId} ${index}`, index);
      for (const stream of ['request', 'crate', 'storage', 'mine'] as const)
        await take(publishing, { ...END, stream, action: ACTIONS[stream][0] ?? '' }, 'end', 1000);
      const received = await Promise.all(
        operations.map((operation, index) => receive(operation, STREAM_NAMES[index] ?? expect.fail())),
      );
      const answer = await askAway(app, token);
      expect(comparable(answer['lines'])).toEqual(expectedOf(received.flat(), me));
      const kept = received.flatMap((events) => events.slice(Math.max(0, events.length + 1 - cap)));
      const read = await askAway(cold, token);
      expect(comparable(read['lines'])).toEqual(expectedOf(kept, me));
      if (received.some((events) => events.length + 1 > cap)) expect(read['isWhole']).toBe(false);
      await client.client.dispose();
    }),
    { seed: 16, numRuns: 12 },
  );
});
