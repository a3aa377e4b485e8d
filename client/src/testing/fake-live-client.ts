import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { Client, stringifyDocument, subscriptionExchange } from '@urql/core';
import { createBackoff } from '../connection/backoff.ts';
import { withInspection } from '../connection/inspection.ts';
import { withSeen } from '../connection/shown-events.ts';
import { createStatusStore, type Phase } from '../connection/status-store.ts';
import { createSubscriptions } from '../connection/subscriptions.ts';
import type { LiveClient, LiveRefusal, LiveStatus } from '../connection/types.ts';
import { forwardTo } from '../connection/urql-client.ts';
import { ViewerDocument, WhileAwayDocument } from '../generated/operations.ts';
import { type Answers, createAnswers } from './answers.ts';
import { complete } from './complete.ts';
import { createFakeServer } from './fake-server.ts';
import { createFakePresence, type FakePresence } from './presence.ts';
import type { SparseEvent } from './sparse.ts';

/** A phase by its name, or with what belongs to it: `{ phase: 'stopped', code: 4429, reason: 'Too many connections' }`. */
export type PhaseToSet = LiveStatus['phase'] | Phase;

/** A live client without a server: what it delivers and how its connection is, the test says. */
export interface FakeLiveClient extends LiveClient, FakePresence {
  /**
   * Delivers an event to all who follow the document. What is left out is `null`; `id` and `occurredAt` are made up. While the
   * connection is cut, it is kept, and delivered after that.
   * @param variables only to subscriptions that have these, e.g. `{ unitId: '5' }`.
   */
  emit<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    data: SparseEvent<Data>,
    variables?: Partial<Variables>,
  ): void;
  /** The connection is lost: `reconnecting`, until `reconnect()` or `setPhase('live')`. */
  cut(): void;
  /** The server no longer knows what was missed: at once if the connection is live, else when it is back. */
  lose(): void;
  /** The server refuses a subscription, now and when it is followed again. */
  refuse<Data, Variables>(document: TypedDocumentNode<Data, Variables>, refusal?: Partial<LiveRefusal>): void;
  /** The server serves it again, as after a change of role: from the next connection on, so `cut()` and `reconnect()`. */
  allow<Data, Variables>(document: TypedDocumentNode<Data, Variables>): void;
  /** The connection is like this. In all phases but `live` nothing is delivered. */
  setPhase(phase: PhaseToSet): void;
  /** What a query or mutation of `client.urql` is answered from now on. The viewer has an answer already. */
  answer: Answers['set'];
}

/**
 * Makes a client for the tests of screens: give it to `LiveProvider`. It goes live, a moment after the first hook follows, by the
 * same code as the real one, so that hooks see the same calls in the same order. In tests of React, wrap what it does in `act`.
 */
export function createFakeLiveClient(): FakeLiveClient {
  const store = createStatusStore();
  const server = createFakeServer();
  const answers = firstAnswers();
  const subscriptions = createSubscriptions(
    () => createBackoff(0, 0),
    (isWanted) => (isWanted ? want() : rest()),
  );
  let [isWanted, isClosed, events] = [false, false, 0];

  /** In all phases but `live` there is no link. */
  function enter(phase: Phase): void {
    if (isClosed) return;
    const wasLive = store.status.phase === 'live';
    if (wasLive && phase.phase !== 'live') subscriptions.detach();
    store.enter(phase);
    if (!wasLive && phase.phase === 'live') subscriptions.attach(server.openLink(phase.transport));
  }

  function connect(): void {
    enter(PHASES.connecting);
    queueMicrotask(() => {
      if (store.status.phase === 'connecting') enter(PHASES.live);
    });
  }

  function want(): void {
    isWanted = true;
    if (store.status.phase === 'idle') connect();
  }

  function rest(): void {
    isWanted = false;
    queueMicrotask(() => {
      if (!isWanted && store.status.phase === 'live') enter(PHASES.idle); // StrictMode follows again at once
    });
  }

  const follow: LiveClient['follow'] = (document, variables, follower) =>
    isClosed ? () => undefined : subscriptions.follow(document, variables, follower);
  const followByUrql = forwardTo(follow);

  const client = withSeen<Omit<FakeLiveClient, 'seen'>>({
    urql: new Client({
      url: 'http://localhost/graphql',
      preferGetMethod: false,
      exchanges: [
        subscriptionExchange({
          enableAllOperations: true,
          forwardSubscription: (body, operation) =>
            operation.kind === 'subscription' ? followByUrql(body, operation) : answers.to(body),
        }),
      ],
    }),
    get status() {
      return store.status;
    },
    onStatus: store.onStatus,
    follow,
    disconnect: () => enter({ phase: 'offline', reason: 'disconnected' }),
    reconnect() {
      if (!isWanted) enter(PHASES.idle);
      else if (store.status.phase !== 'live') connect();
    },
    close() {
      subscriptions.clear();
      enter({ phase: 'signed-out', reason: 'Closed.' });
      isClosed = true;
    },
    emit(document, data, variables = {}) {
      events += 1;
      const [[field, event] = ['', {}]] = Object.entries(data);
      const made = { id: `event ${events}`, occurredAt: new Date().toISOString(), ...Object(event) };
      const query = stringifyDocument(document);
      server.emit({ query, data: complete(document, { [field]: made }), variables: { ...variables } });
    },
    ...createFakePresence(server, subscriptions.inspect),
    cut: () => enter({ ...PHASES.reconnecting, retryAt: Date.now() + RETRY_MS }),
    lose: server.forget,
    refuse: (document, { code = 'FORBIDDEN', message = 'This is not for you.' } = {}) =>
      server.refuse(stringifyDocument(document), { code, message }),
    allow: (document) => server.allow(stringifyDocument(document)),
    setPhase(phase) {
      enter(typeof phase === 'string' ? PHASES[phase] : phase);
    },
    answer: answers.set,
  });
  return withInspection(client, subscriptions.inspect);
}

/** Who the viewer is, and that nothing happened while they were away. */
function firstAnswers(): Answers {
  const answers = createAnswers();
  answers.set(ViewerDocument, {
    viewer: {
      id: '1',
      name: 'Test User',
      unitId: '5',
      role: 'Section Head',
      isAdmin: false,
      sessionExpiresAt: '2100-01-01T00:00:00Z',
    },
  });
  const moment = new Date(0).toISOString();
  answers.set(WhileAwayDocument, {
    whileAway: { knownFrom: moment, until: moment, isWhole: true, more: 0, lines: [] },
  });
  return answers;
}

const RETRY_MS = 3000;

const PHASES = {
  idle: { phase: 'idle' },
  connecting: { phase: 'connecting', transport: 'websocket' },
  live: { phase: 'live', transport: 'websocket' },
  reconnecting: { phase: 'reconnecting', retryAt: 0, transport: 'websocket' },
  offline: { phase: 'offline', reason: 'browser' },
  'signed-out': { phase: 'signed-out', reason: 'The session has ended.' },
  stopped: { phase: 'stopped', code: 4429, reason: 'Too many connections.' },
} as const satisfies Record<LiveStatus['phase'], Phase>;
