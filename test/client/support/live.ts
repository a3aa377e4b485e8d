/** The React package's client in Node, against the real server, and what it is told. */
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

/** Short waits, and a short patience. */
const QUICK = { retry: { firstMs: 5, maxMs: 50 }, lingerMs: 20 };

/** A live client of the running test: a Section Head of unit 5, if nothing else is said. */
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

/** What a follower is told, in order: `event a`, `started first`, `resumed`, `refused FORBIDDEN`. */
export interface Following {
  next(): Promise<string>;
  take(count: number): Promise<string[]>;
  readonly pending: number;
  stop(): void;
}

/** Follows any subscription; an event is told by `name`. */
export function followAny<Data, Variables>(
  client: LiveClient,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  name: (data: Data) => string,
): Following {
  const told = new Queue<string>();
  const follower: Follower<Data> = {
    event: (data) => told.push(`event ${name(data)}`),
    started: (why) => told.push(`started ${why}`),
    resumed: () => told.push('resumed'),
    refused: ({ code }) => told.push(`refused ${code}`),
  };
  const stop = client.follow(document, variables, follower);
  return {
    next: () => told.next(),
    async take(count) {
      const taken: string[] = [];
      while (taken.length < count) taken.push(await told.next());
      return taken;
    },
    get pending() {
      return told.length;
    },
    stop,
  };
}

/** Follows the storage events of a unit (default: the viewer's), told by their ids. */
export function follow(client: LiveClient, unitId?: string): Following {
  const name = ({ storageUpdated }: StorageUpdatedSubscription): string => storageUpdated.id;
  return followAny(client, StorageUpdatedDocument, unitId === undefined ? {} : { unitId }, name);
}

/** Follows, and waits until it is live. */
export async function followed(client: LiveClient, unitId?: string): Promise<Following> {
  const following = follow(client, unitId);
  const told = await following.next();
  if (told !== 'started first') throw new Error(`not started, but ${told}`);
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

/** The phases a client goes through from now on. */
export function phasesOf(client: LiveClient): string[] {
  const phases: string[] = [];
  client.onStatus(() => phases.push(client.status.phase));
  return phases;
}

/** Settles when the client is live by a transport. */
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
