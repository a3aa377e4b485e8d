/** Sharing changes nothing: each subscriber gets the same bytes as alone, and nothing of another subscriber. */

import fc from 'fast-check';
import { type ExecutionResult, getOperationAST } from 'graphql';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTurn, isShared } from 'yoga-shared-subscriptions';
import { createQuota } from '../../src/auth/quota.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import type { ViewerSession } from '../../src/graphql/context.ts';
import { createDocuments } from '../../src/graphql/documents.ts';
import { formatResult } from '../../src/graphql/format.ts';
import { createErrorMask } from '../../src/graphql/mask-error.ts';
import { createOperationLog } from '../../src/graphql/operation-log.ts';
import { createLiveSchema } from '../../src/graphql/schema.ts';
import { shareSubscriptions } from '../../src/graphql/sharing.ts';
import { createLogger } from '../../src/log.ts';
import { NO_SECURITY_LOG } from '../../src/record/security-log.ts';
import { createHub } from '../../src/topics/hub.ts';
import { keepLatestSnapshots } from '../../src/topics/latest-snapshots.ts';
import { encodeNext, nextHead } from '../../src/transport/websocket-frame.ts';
import { createGraphQLServer } from '../../src/transport/yoga.ts';
import { type Alone, createAlone, type Received, sessionOf, settled } from '../support/alone.ts';
import {
  type Asked,
  isAdmin,
  ownersIn,
  type Person,
  type Published,
  worlds,
} from '../support/arbitraries.ts';
import { DOMAIN, dmsNames } from '../support/domain.ts';
import { readFrames } from '../support/frames.ts';

const KPI_INTERVAL_MS = 500;
const LIMITS = {
  maxTokens: 2000,
  maxAnonymousTokens: 500,
  maxDepth: 10,
  maxFields: 1000,
  cacheBytes: 1_000_000,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The server's own pipeline from an operation to its bytes, without sockets. */
async function createPipeline(bus = createMemoryBus()) {
  const log = createLogger('silent');
  const failures: unknown[] = [];
  const ignore = { eventReceived: () => undefined };
  const hub = createHub({
    bus,
    names: dmsNames(),
    refusals: { refuse: () => undefined },
    observer: ignore,
    foreign: { notice: () => undefined, areNoticed: false, look: () => undefined },
    keptSeconds: 3600,
    recentBytes: 1_000_000,
    replayBytes: 1_000_000,
    log,
  });
  const snapshots = keepLatestSnapshots(hub, bus, DOMAIN.kinds);
  const subscribers = createQuota(0);
  let executions = 0;
  const operations = createOperationLog(NO_SECURITY_LOG, dmsNames());
  const sharing = shareSubscriptions({
    operations,
    turn: createTurn((error) => failures.push(error)),
    subscriptions: subscribers,
    kpiIntervalMs: KPI_INTERVAL_MS,
    adopt: () => undefined,
    partBytes: 100_000,
    observer: {
      executed() {
        executions += 1;
      },
      delivered: () => undefined,
      failed: () => undefined,
      resumed: () => undefined,
      subscriptionEnded: () => undefined,
    },
  });
  const startSession = () => Promise.reject(new Error('not here'));
  const schema = createLiveSchema({
    domain: DOMAIN,
    hub,
    snapshots,
    maxWaitingEvents: 100_000,
    startSession,
  });
  const yoga = createGraphQLServer({
    schema,
    documents: createDocuments({ schema, limits: LIMITS, introspection: true }),
    operations,
    sessions: { start: startSession, refused: (refusal) => refusal },
    sharing: sharing.plugin,
    eventStreams: { plugin: {} },
    admission: { visitOf: () => undefined },
    maskError: createErrorMask(log),
    onErrors: () => undefined,
    maxMessageBytes: 65_536,
    isAllowedOrigin: () => true,
    log,
  });

  async function subscribe(session: ViewerSession, { query, variables, operationName }: Asked) {
    // This prepares an operation as transport/websocket-protocol.ts does.
    const enveloped = yoga.getEnveloped({
      session: { ...session, close: () => undefined, onEnd: session.onEnd },
    });
    const document = enveloped.parse(query);
    const faults = enveloped.validate(enveloped.schema, document);
    if (faults.length > 0) throw faults[0];
    if (getOperationAST(document, operationName) == null) throw new Error('names no operation');
    return yoga.getEnveloped({}).subscribe({
      schema: enveloped.schema,
      document,
      contextValue: await enveloped.contextFactory(),
      operationName: operationName ?? null,
      variableValues: variables ?? null,
    });
  }

  /** @param operationId names the operation on a socket. Without it the results are iterated. */
  function run(person: Person, asked: Asked, operationId: string | undefined): Received {
    const payloads: string[] = [];
    const push = (result: ExecutionResult): void => void payloads.push(JSON.stringify(formatResult(result)));
    const outcome = subscribe(sessionOf(person), asked);
    const take = async (): Promise<void> => {
      const results = await outcome;
      if (!(Symbol.asyncIterator in results)) return push(results);
      if (!isShared(results)) throw new Error('not shared');
      if (operationId !== undefined) {
        results.attach({
          deliver(batch) {
            const bytes = Buffer.from(encodeNext(nextHead(operationId, false), batch.frames), 'latin1');
            payloads.push(...readFrames(bytes).map((frame) => payloadOf(frame, operationId)));
          },
          room: () => undefined,
          endSlow: () => undefined,
        });
      }
      for await (const result of results) push(result);
    };
    take().catch((error: unknown) => payloads.push(`failed: ${String(error)}`));
    return {
      payloads,
      stop: () =>
        void outcome.then(
          (results) => Symbol.asyncIterator in results && void results.return(undefined),
          () => undefined,
        ),
    };
  }

  return {
    run,
    bus,
    failures,
    holdings: () => ({
      audiences: sharing.audiences,
      topics: hub.openTopics,
      subscribers: subscribers.total,
    }),
    executions: () => executions,
    close: () => snapshots.close(),
  };
}

/** The exact bytes of the payload in a `next` message. */
function payloadOf(message: string, operationId: string): string {
  const start = `{"id":${JSON.stringify(operationId)},"type":"next","payload":`;
  if (!message.startsWith(start) || !message.endsWith('}')) throw new Error(`no next message: ${message}`);
  return message.slice(start.length, -1);
}

/** One step of a run. */
type Step =
  | {
      readonly does: 'join';
      readonly person: Person;
      readonly asked: Asked;
      readonly operationId: string | undefined;
      readonly isHasty: boolean;
    }
  | { readonly does: 'leave'; readonly which: number; readonly isHasty: boolean }
  | { readonly does: 'publish'; readonly events: readonly Published[] }
  | { readonly does: 'wait' };

/** A hasty step does not wait for earlier events, so it falls into the middle of a burst. */
const isHasty = fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, fc.constant(true));

const stories: fc.Arbitrary<readonly Step[]> = worlds.chain(({ people, asked, events }) => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('join' as const),
        person: people,
        asked,
        operationId: fc.constantFrom('1', '2', 'quoted "é" 🗄', undefined),
        isHasty,
      }),
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('leave' as const), which: fc.nat(), isHasty }) },
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('publish' as const),
        events: fc.array(events, { minLength: 1, maxLength: 6 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ does: 'wait' as const }) },
  );
  return fc.array(step, { minLength: 6, maxLength: 24 });
});

interface Subscriber {
  readonly person: Person;
  readonly asked: Asked;
  readonly shared: Received;
  readonly alone: Received;
  /** True if the subscriber came or left during a burst. Then its first or last event is not known. */
  cameHastily: boolean;
  leftHastily: boolean;
  hasLeft: boolean;
}

type Pipeline = Awaited<ReturnType<typeof createPipeline>>;

async function play(
  story: readonly Step[],
  pipeline: Pipeline,
  alone: Alone,
): Promise<readonly Subscriber[]> {
  const subscribers: Subscriber[] = [];
  for (const step of story) {
    if (step.does !== 'publish' && step.does !== 'wait' && !step.isHasty) await settled();
    switch (step.does) {
      case 'join': {
        const { person, asked, operationId } = step;
        const isEarly = step.isHasty;
        const both = { alone: alone.run(person, asked), shared: pipeline.run(person, asked, operationId) };
        subscribers.push({
          person,
          asked,
          ...both,
          cameHastily: isEarly,
          leftHastily: false,
          hasLeft: false,
        });
        if (!step.isHasty) await settled();
        break;
      }
      case 'leave': {
        const staying = subscribers.filter(({ hasLeft }) => !hasLeft);
        const subscriber = staying[step.which % Math.max(staying.length, 1)];
        if (subscriber === undefined) break;
        subscriber.hasLeft = true;
        subscriber.leftHastily = step.isHasty;
        subscriber.shared.stop();
        subscriber.alone.stop();
        break;
      }
      case 'publish':
        for (const { topic, message } of step.events)
          void pipeline.bus.publish(topic, JSON.stringify(message));
        break;
      case 'wait':
        await settled();
        await vi.advanceTimersByTimeAsync(KPI_INTERVAL_MS / 2);
    }
  }
  for (const _interval of [1, 2]) {
    await settled();
    await vi.advanceTimersByTimeAsync(KPI_INTERVAL_MS);
  }
  await settled();
  return subscribers;
}

function check({ person, asked, shared, alone, cameHastily, leftHastily, hasLeft }: Subscriber): void {
  const details = JSON.stringify({ person, asked, shared: shared.payloads, alone: alone.payloads }, null, 1);
  const got = shared.payloads;
  const due = alone.payloads;
  if (asked.isNewestOnly === true) {
    // Some events may be skipped, but none comes twice, late or from another topic, and the newest comes last.
    const places = got.map((payload) => due.lastIndexOf(payload));
    if (!cameHastily && !leftHastily) expect(places, details).not.toContain(-1);
    const known = places.filter((place) => place !== -1);
    expect(known, details).toEqual([...new Set(known)].toSorted((one, other) => one - other));
    if (!hasLeft) expect(got.at(-1), details).toEqual(due.at(-1));
  } else if (cameHastily) {
    const common = Math.min(got.length, due.length);
    if (!leftHastily) expect(got.slice(got.length - common), details).toEqual(due.slice(due.length - common));
  } else if (leftHastily) {
    const common = Math.min(got.length, due.length);
    expect(got.slice(0, common), details).toEqual(due.slice(0, common));
  } else {
    expect(got, details).toEqual(due);
  }
  checkOwners(person, got.join('\n'), details);
}

/** This check does not need the oracle. */
function checkOwners(person: Person, bytes: string, details: string): void {
  const { units, users } = ownersIn(bytes);
  users.delete(person.userId);
  expect([...users], details).toEqual([]);
  if (isAdmin(person)) return;
  if (person.unitId !== null) units.delete(person.unitId);
  expect([...units], details).toEqual([]);
}

test('each subscriber gets the same bytes as alone', async () => {
  let shared = 0;
  let received = 0;
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const pipeline = await createPipeline();
      const alone = createAlone(pipeline.bus);
      const before = pipeline.holdings();
      const subscribers = await play(story, pipeline, alone);
      for (const subscriber of subscribers) check(subscriber);
      for (const { payloads } of subscribers.map((subscriber) => subscriber.shared))
        received += payloads.length;
      shared += pipeline.executions();
      for (const subscriber of subscribers) {
        subscriber.shared.stop();
        subscriber.alone.stop();
      }
      await settled();
      expect(pipeline.holdings()).toEqual(before);
      expect(pipeline.failures).toEqual([]);
      alone.close();
      pipeline.close();
    }),
    { numRuns: 120 },
  );
  expect(received).toBeGreaterThan(shared); // otherwise nothing was shared, and the test proves nothing
}, 120_000);
