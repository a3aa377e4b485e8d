/** The React package's client in Node, against the real server, and the calls that its followers receive. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import {
  createLiveClient,
  type Follower,
  type LiveClient,
  type LiveClientOptions,
  type LiveStatus,
  StorageUpdatedDocument,
  type StorageUpdatedSubscription,
  type Transport,
} from '../../../client/src/index.ts';
import { type Addressed, graphqlUrl, Queue } from '../../support/clients.ts';
import { people } from '../../support/tokens.ts';

/** Short waits, so that tests are quick. */
const QUICK = { retry: { firstMs: 5, maxMs: 50 }, lingerMs: 20 };

/** A live client for the running test. The default user is a Section Head of unit 5. */
export function useLive(app: Addressed, options: Partial<LiveClientOptions> = {}): LiveClient {
  const client = createLiveClient({
    url: graphqlUrl(app),
    getToken: people.head,
    webSocketImpl: WebSocket,
    ...QUICK,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** The calls that a follower receives, in order: `event a`, `started first`, `resumed`, `refused FORBIDDEN`. */
export interface Following {
  next(): Promise<string>;
  take(count: number): Promise<string[]>;
  readonly pending: number;
  stop(): void;
}

/** Follows any subscription. `name` converts an event to text. */
export function followAny<Data, Variables>(
  client: LiveClient,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  name: (data: Data) => string,
): Following {
  const calls = new Queue<string>();
  const follower: Follower<Data> = {
    event: (data) => calls.push(`event ${name(data)}`),
    started: (why) => calls.push(`started ${why}`),
    resumed: () => calls.push('resumed'),
    refused: ({ code }) => calls.push(`refused ${code}`),
  };
  const stop = client.follow(document, variables, follower);
  return {
    next: () => calls.next(),
    async take(count) {
      const taken: string[] = [];
      while (taken.length < count) taken.push(await calls.next());
      return taken;
    },
    get pending() {
      return calls.length;
    },
    stop,
  };
}

/** Follows the storage events of a unit (default: the viewer's). Each event is recorded by its id. */
export function follow(client: LiveClient, unitId?: string): Following {
  const name = ({ storageUpdated }: StorageUpdatedSubscription): string => storageUpdated.id;
  return followAny(client, StorageUpdatedDocument, unitId === undefined ? {} : { unitId }, name);
}

/** Follows, and waits until the subscription is live. */
export async function followed(client: LiveClient, unitId?: string): Promise<Following> {
  const following = follow(client, unitId);
  const first = await following.next();
  if (first !== 'started first') throw new Error(`not started, but ${first}`);
  return following;
}

/** Settles when the client is in a phase. */
export function inPhase<Phase extends LiveStatus['phase']>(
  client: LiveClient,
  phase: Phase,
): Promise<Extract<LiveStatus, { phase: Phase }>> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { status } = client;
      if (!isIn(status, phase)) return;
      stop();
      resolve(status);
    };
    const stop = client.onStatus(look);
    look();
  });
}

function isIn<Phase extends LiveStatus['phase']>(
  status: LiveStatus,
  phase: Phase,
): status is Extract<LiveStatus, { phase: Phase }> {
  return status.phase === phase;
}

/** The phases of a client from now on. */
export function phasesOf(client: LiveClient): string[] {
  const phases: string[] = [];
  client.onStatus(() => phases.push(client.status.phase));
  return phases;
}

/** Settles when the client is live over a transport. */
export function onTransport(client: LiveClient, transport: Transport): Promise<void> {
  return new Promise((resolve) => {
    const stop = client.onStatus(() => {
      const { status } = client;
      if (status.phase !== 'live' || status.transport !== transport) return;
      stop();
      resolve();
    });
  });
}
