import { createIdentifier } from './auth/identify.ts';
import { createUsage } from './auth/quota.ts';
import { createRefusalLog } from './auth/refusal-log.ts';
import { type Revocations, watchRevocations } from './auth/revocation.ts';
import { createSessions } from './auth/sessions.ts';
import type { Bus } from './bus/bus.ts';
import { createMemoryBus } from './bus/memory-bus.ts';
import { createRedisBus } from './bus/redis-bus.ts';
import type { Config } from './config/config.ts';
import { readDomain } from './events/domain.ts';
import { createTopicNames } from './events/topic-names.ts';
import type { DocumentCacheStats } from './graphql/document-cache.ts';
import { createDocuments } from './graphql/documents.ts';
import { createTidyMessage } from './graphql/error-text.ts';
import { createErrorMask } from './graphql/mask-error.ts';
import { createLiveSchema } from './graphql/schema.ts';
import { shareSubscriptions } from './graphql/sharing.ts';
import { createHealth } from './health.ts';
import type { Logger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createTurn } from './sharing/turn.ts';
import { watchForeignPublishers } from './topics/foreign.ts';
import { createHub } from './topics/hub.ts';
import { keepLatestSnapshots } from './topics/latest-snapshots.ts';
import { createRefusals } from './topics/refusals.ts';
import { startSweeping } from './topics/sweeper.ts';
import { createAdmission } from './transport/admission/admission.ts';
import { createRefusalReports } from './transport/admission/refusal-reports.ts';
import { createClientAddresses } from './transport/client-address.ts';
import { type GraphiQLPage, loadGraphiQL } from './transport/graphiql/graphiql.ts';
import { PLAIN_PAGE } from './transport/graphiql/plain-page.ts';
import { createHttpServer, type RequestHandler } from './transport/http.ts';
import { createOriginCheck } from './transport/origin.ts';
import { createEventStreams } from './transport/sse.ts';
import { serveWebSockets } from './transport/websocket.ts';
import { createGraphQLServer } from './transport/yoga.ts';

/** What a program may add to the server: the demo adds its page. */
export interface AppExtras {
  /** Default: a plain GraphiQL, if the settings have one. */
  readonly graphiql?: GraphiQLPage;
  /** Answers what is neither GraphQL nor a probe; sees paths without the base path. Default: 404. */
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
  /** What it keeps of the documents that users sent. */
  documents(): DocumentCacheStats;
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

const NO_DOCUMENTATION =
  'GraphiQL is on and introspection is off: it will have no documentation and complete nothing. Set both alike';

/** Builds the server, in the order of its pipeline, and starts it. */
export async function startApp(config: Config, log: Logger, extras: AppExtras = {}): Promise<App> {
  const { limits } = config;
  const domain = readDomain(config.schemaFile);
  const metrics = createMetrics();
  const health = createHealth(log);
  const { introspection } = config;
  const maskError = createErrorMask(log, createTidyMessage({ hideSuggestions: !introspection }));
  const names = createTopicNames(config.topicPrefix, domain.kinds);
  const bus =
    extras.bus ??
    (config.redis
      ? createRedisBus(config.redis, log, { health, prefix: config.topicPrefix })
      : createMemoryBus());

  const refusals = createRefusals(bus, names, metrics, log);
  const foreign = watchForeignPublishers(config.topicPrefix, health, metrics);
  const { recentBytes, replayBytes } = config;
  const keptSeconds = config.retention.seconds;
  const hub = createHub({
    bus,
    names,
    refusals,
    observer: metrics,
    foreign,
    keptSeconds,
    recentBytes,
    replayBytes,
    log,
  });
  const stopSweeping = startSweeping({ bus, names, seconds: keptSeconds, log });
  const snapshots = keepLatestSnapshots(hub, bus, domain.kinds);

  const identifier = createIdentifier(config, { health, onKeysFailure: metrics.issuerKeysFailed, log });
  const sessions = createSessions({
    verifyToken: identifier.identify,
    roleClasses: config.roleClasses,
    leewaySeconds: config.token.leewaySeconds,
    refusalLog: createRefusalLog(metrics, log),
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
      recheckUser(userId) {
        identifier.forgetUser(userId);
        return sessions.recheckUser(userId);
      },
      recheckToken(tokenId) {
        identifier.forgetToken(tokenId);
        return sessions.recheckToken(tokenId);
      },
    },
    refusals,
    foreign,
    log,
  });
  bus.onReconnect(() => {
    identifier.forgetAll();
    sessions.recheckAll();
  });

  const report = createRefusalReports(metrics.refused, log);
  const admission = createAdmission({ limits, clients: createClientAddresses(config.proxies, log), report });

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

  const schema = createLiveSchema({
    domain,
    hub,
    snapshots,
    maxWaitingEvents: limits.maxWaitingEvents,
    startSession: sessions.start,
  });
  const documents = createDocuments({ schema, limits, introspection });
  const isAllowedOrigin = createOriginCheck({ ...config, log });
  const yoga = createGraphQLServer({
    schema,
    documents,
    sessions,
    admission,
    sharing: sharing.plugin,
    eventStreams,
    maxMessageBytes: limits.maxMessageBytes,
    isAllowedOrigin,
    maskError,
    log,
  });

  const graphiql = config.graphiql ? await loadGraphiQL(extras.graphiql ?? PLAIN_PAGE, log) : undefined;
  if (config.graphiql && !config.introspection) log.warn(NO_DOCUMENTATION);

  let isStopping = false;
  const { basePath, keepAliveSeconds } = config;
  const http = createHttpServer({
    yoga,
    graphiql,
    isAllowedOrigin,
    basePath,
    keepAliveSeconds,
    admission,
    readiness: async () => {
      if (isStopping) return { ready: false, reason: 'stopping' };
      await identifier.tried;
      const isReachable = await bus.isReachable();
      const readiness = health.readiness();
      return isReachable || !readiness.ready
        ? readiness
        : { ...readiness, ready: false, reason: 'Redis is not reachable' };
    },
    metrics: async () =>
      metrics.render({ ...stats(), troubles: health.troubles, redisUp: await bus.isReachable() }),
    otherwise: extras.otherwise,
    onStalled: onSlow,
    log,
  });
  const webSockets = serveWebSockets(http.server, {
    yoga,
    documents,
    admission,
    sessions,
    connections,
    ...limits,
    isAllowedOrigin,
    basePath,
    turn,
    onSlow,
    onOverrun: (address) => report('messages', address),
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
    snapshots.close();
    stopSweeping();
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
    documents: () => documents.stats,
    close,
  };
}
