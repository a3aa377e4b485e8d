import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  parse,
  subscribe,
  validate,
} from 'graphql';
import type { RoleClasses } from '../../src/auth/access.ts';
import { scopeOf } from '../../src/auth/access.ts';
import { whoOf } from '../../src/auth/who.ts';
import type { Bus } from '../../src/bus/bus.ts';
import type { Context, ViewerSession } from '../../src/graphql/context.ts';
import { createErrorMask } from '../../src/graphql/mask-error.ts';
import { createRoleGuard } from '../../src/graphql/role-guard.ts';
import { createLiveSchema } from '../../src/graphql/schema.ts';
import { createLogger } from '../../src/log.ts';
import { createHub } from '../../src/topics/hub.ts';
import { keepLatestSnapshots } from '../../src/topics/latest-snapshots.ts';
import type { Asked, Person } from './arbitraries.ts';
import { DOMAIN, dmsNames } from './domain.ts';

export { settled } from '../../packages/sharing/test/settled.ts';

export const ROLE_CLASSES: RoleClasses = {
  ADMIN: ['System Admin', 'Boss'],
  AUDITOR: ['System Admin', 'Auditor'],
};

/** A session without an end. */
export function sessionOf({ userId, unitId, role }: Person): ViewerSession {
  const viewer = { id: userId, name: null, unitId, role };
  const acts = {
    id: 'alone',
    visitor: { address: null, transport: 'websocket' },
    identity: { viewer, tokenId: null, issuedAt: 0, expiresAt: 0 },
  } as const;
  return {
    ...acts,
    who: whoOf(acts),
    scope: scopeOf(viewer, ROLE_CLASSES),
    onEnd: () => () => undefined,
    renew: () => undefined,
  };
}

/** The payloads that a subscriber receives, in order and as JSON, until it stops. */
export interface Received {
  readonly payloads: string[];
  stop(): void;
}

/**
 * Subscriptions as graphql-js runs them, each alone and under its own session. The results with sharing are compared with these.
 * The hub and the schema are separate ones, so the two sides share nothing.
 */
export interface Alone {
  run(person: Person, asked: Asked): Received;
  close(): void;
}

export function createAlone(bus: Bus): Alone {
  const log = createLogger('silent');
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
  const schema = createLiveSchema({
    domain: DOMAIN,
    hub,
    snapshots,
    maxWaitingEvents: 100_000,
    startSession: () => Promise.reject(new Error('not here')),
  });
  const guard = createRoleGuard(schema);
  const mask = createErrorMask(log);
  const masked = ({ errors, ...result }: ExecutionResult): string =>
    JSON.stringify(
      errors === undefined ? result : { ...result, errors: errors.map((error) => shown(mask(error))) },
    );

  async function start(session: ViewerSession, { query, variables, operationName }: Asked) {
    const document: DocumentNode = parse(query);
    const [fault] = validate(schema, document);
    if (fault !== undefined) throw fault;
    const operation = { document, operationName: operationName ?? null, variableValues: variables ?? null };
    const refusal = guard(operation, session.scope);
    if (refusal !== undefined) return { errors: [refusal] };
    const contextValue: Context = { session };
    return subscribe({ schema, ...operation, contextValue });
  }

  return {
    run(person, asked) {
      const payloads: string[] = [];
      let isStopped = false;
      const outcome = start(sessionOf(person), asked);
      const iterate = async (): Promise<void> => {
        const results = await outcome;
        if (!(Symbol.asyncIterator in results)) return void payloads.push(masked(results));
        for await (const result of results) if (!isStopped) payloads.push(masked(result));
      };
      iterate().catch((error: unknown) => payloads.push(`failed: ${String(error)}`));
      return {
        payloads,
        stop() {
          isStopped = true;
          outcome.then(
            (results) => Symbol.asyncIterator in results && void results.return(undefined),
            () => undefined,
          );
        },
      };
    },
    close: () => snapshots.close(),
  };
}

/** An error as clients see it: without its data for HTTP. */
function shown(error: GraphQLError): object {
  const { http: _http, ...extensions } = error.extensions;
  return { ...error.toJSON(), extensions };
}
