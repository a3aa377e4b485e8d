import { createIdentifier } from './auth/identify.ts';
import { type Revocations, watchRevocations } from './auth/revocation.ts';
import type { Bus } from './bus/bus.ts';
import { createMemoryBus } from './bus/memory-bus.ts';
import { createRedisBus } from './bus/redis-bus.ts';
import type { Config } from './config/config.ts';
import { keepLatestKpis } from './delivery/latest-kpis.ts';
import { createTurn } from './delivery/turn.ts';
import { createUsage } from './delivery/usage.ts';
import { createErrorMask } from './graphql/mask-error.ts';
import { createLiveSchema } from './graphql/schema.ts';
import { shareSubscriptions } from './graphql/sharing.ts';
import { createHealth } from './health.ts';
import type { Logger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createHub } from './topics/hub.ts';
import { createRefusals } from './topics/refusals.ts';
import { createTopicNames } from './topics/topic.ts';
import { createHttpServer, notFound, type RequestHandler } from './transport/http.ts';
import { createSessions } from './transport/session.ts';
import { createEventStreams } from './transport/sse.ts';
import { serveWebSockets } from './transport/websocket.ts';
import { createGraphQLServer, type GraphiQLPage } from './transport/yoga.ts';

/** What a program may add to the server: the demo adds its page. */
export interface AppExtras {
  /** Default: a plain GraphiQL, if the settings have one. */
  readonly graphiql?: GraphiQLPage;
  /** Answers what is neither GraphQL nor a probe. Default: 404. */
  readonly otherwise?: RequestHandler;
  /** Default: Redis, or a bus within the process where the settings name no Redis. */
  readonly bus?: Bus;
}

export interface App {
  /** Where it listens, e.g. `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly bus: Bus;
  /** What it holds at the moment. */
  stats(): AppStats;
  /** Stops: no new clients, sockets told to reconnect elsewhere, requests under way finished. Safe to call twice. */
  close(): Promise<void>;
}

export interface AppStats {
  /** WebSockets and event streams. */
  readonly connections: number;
  readonly sessions: number;
  readonly subscriptions: number;
  readonly audiences: number;
  readonly openTopics: number;
  /** What waits for clients to read. */
  readonly outboxBytes: number;
}

/**
 * GraphiQL as it comes: subscriptions go by SSE, which carries the headers tab as HTTP headers; headers are not stored. None is
 * filled in, for a half-finished one would be refused, and the documentation with it.
 */
const PLAIN_GRAPHIQL = {
  title: 'dms-live',
  subscriptionsProtocol: 'SSE',
  shouldPersistHeaders: false,
  defaultEditorToolsVisibility: 'headers',
  defaultQuery: `# Write your access token into the headers below:
#   { "Authorization": "Bearer …" }
subscription RequestUpdated {
  requestUpdated {
    action
    occurredAt
    actor { name role }
    request { id requestType status unitId }
  }
}
`,
} as const;

/** Builds the server, in the order of its pipeline, and starts it. */
export async function startApp(config: Config, log: Logger, extras: AppExtras = {}): Promise<App> {
  const { limits } = config;
  const metrics = createMetrics();
  const health = createHealth(log);
  const maskError = createErrorMask(log);
  const names = createTopicNames(config.topicPrefix);
  const bus =
    extras.bus ??
    (config.redis
      ? createRedisBus(config.redis, log, { health, prefix: config.topicPrefix })
      : createMemoryBus());

  const refusals = createRefusals(bus, names, metrics, log);
  const { recentBytes, replayBytes } = config;
  const hub = createHub({ bus, names, refusals, observer: metrics, recentBytes, replayBytes, log });
  const latestKpis = keepLatestKpis(hub, bus);

  const identifier = createIdentifier(config, log);
  const sessions = createSessions({
    verifyToken: identifier.identify,
    roleClasses: config.roleClasses,
    revocations: () => revocations,
    recheckMs: config.revocationCheckSeconds * 1000,
  });
  const revocations: Revocations = watchRevocations({
    bus,
    names,
    open: {
      endUser(userId, fault) {
        identifier.forgetUser(userId);
        sessions.endUser(userId, fault);
      },
      endToken(tokenId, fault) {
        identifier.forgetToken(tokenId);
        sessions.endToken(tokenId, fault);
      },
    },
    refusals,
    log,
  });
  bus.onReconnect(() => {
    identifier.forgetAll();
    sessions.recheckAll();
  });

  const turn = createTurn((error) => log.error({ err: error }, 'a delivery failed'));
  const connections = createUsage(limits.maxConnectionsPerUser);
  const subscriptions = createUsage(limits.maxSubscriptionsPerUser);
  const { maxOutboxBytes } = limits;
  const onSlow = metrics.slowClientClosed;
  const eventStreams = createEventStreams({ turn, maxOutboxBytes, maskError, onSlow });
  const sharing = shareSubscriptions({
    turn,
    subscriptions,
    kpiIntervalMs: config.kpiIntervalMs,
    partBytes: maxOutboxBytes / 8,
    adopt: eventStreams.adopt,
    metrics,
  });

  const yoga = await createGraphQLServer({
    schema: createLiveSchema({
      hub,
      latestKpis,
      maxWaitingEvents: limits.maxWaitingEvents,
      startSession: sessions.start,
    }),
    sessions,
    sharing: sharing.plugin,
    eventStreams,
    limits,
    corsOrigins: config.corsOrigins,
    introspection: config.introspection,
    graphiql: config.graphiql && (extras.graphiql ?? { options: () => PLAIN_GRAPHIQL }),
    maskError,
    log,
  });

  let isStopping = false;
  const http = createHttpServer({
    yoga,
    readiness: async () => {
      if (isStopping) return { ready: false, reason: 'stopping' };
      const isReachable = await bus.isReachable();
      const readiness = health.readiness();
      return isReachable || !readiness.ready
        ? readiness
        : { ...readiness, ready: false, reason: 'Redis is not reachable' };
    },
    metrics: async () =>
      metrics.render({ ...stats(), troubles: health.troubles, redisUp: await bus.isReachable() }),
    otherwise: extras.otherwise ?? notFound,
    log,
  });
  const webSockets = serveWebSockets(http.server, {
    yoga,
    sessions,
    connections,
    ...limits,
    corsOrigins: config.corsOrigins,
    turn,
    onSlow,
    maskError,
    log,
  });

  const stats = (): AppStats => ({
    connections: webSockets.count + eventStreams.count,
    sessions: sessions.count,
    subscriptions: subscriptions.total,
    audiences: sharing.audiences,
    openTopics: hub.openTopics,
    outboxBytes: webSockets.outboxBytes,
  });

  async function stop(): Promise<void> {
    isStopping = true;
    const patienceMs = config.shutdownSeconds * 1000;
    await Promise.all([webSockets.close(patienceMs), eventStreams.close(patienceMs)]);
    await http.close(patienceMs);
    identifier.close();
    latestKpis.close();
    hub.close();
    revocations.close();
    sessions.close();
    await bus.close();
    metrics.close();
    log.info('stopped');
  }
  let stopped: Promise<void> | undefined;
  const close = (): Promise<void> => {
    stopped ??= stop();
    return stopped;
  };

  const url = await http.listen(config.host, config.port).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  log.info({ url }, 'listening');

  return {
    url,
    bus,
    stats,
    close,
  };
}
