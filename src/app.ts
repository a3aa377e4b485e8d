import { createTurn } from 'yoga-shared-subscriptions';
import { createQuota } from './auth/quota.ts';
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
import { createHealth, type Readiness } from './health.ts';
import type { Logger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { watchForeignPublishers } from './topics/foreign.ts';
import { createHub } from './topics/hub.ts';
import { keepLatestSnapshots } from './topics/latest-snapshots.ts';
import { createRefusals } from './topics/refusals.ts';
import { noteSettings } from './topics/settings-note.ts';
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

/** What a program may add to the server, such as the demo its page. */
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
  /** What the server holds at the moment. */
  stats(): AppStats;
  /** What the server keeps of the documents that users sent. */
  documents(): DocumentCacheStats;
  /** Stops: takes no new clients, sends those there are elsewhere, and finishes the requests under way. Safe to call twice. */
  close(): Promise<void>;
}

export interface AppStats {
  /** WebSockets and event streams. */
  readonly connections: number;
  readonly sessions: number;
  readonly subscriptions: number;
  readonly audiences: number;
  readonly openTopics: number;
  /** How many bytes wait for clients to read. */
  readonly outboxBytes: number;
}

const NO_DOCUMENTATION =
  'GraphiQL is on and introspection is off: it will have no documentation and complete nothing. Set both alike';

/** Builds the server, in the order of its pipeline, and starts it. */
export async function startApp(config: Config, log: Logger, extras: AppExtras = {}): Promise<App> {
  const { limits, introspection, basePath, keepAliveSeconds } = config;
  const domain = readDomain(config.schemaFile);

  // What every floor reports to.
  const metrics = createMetrics();
  const health = createHealth(log);
  const maskError = createErrorMask(log, createTidyMessage({ hideSuggestions: !introspection }));

  // The bus, and its topics as this process knows them.
  const names = createTopicNames(config.topicPrefix, domain.kinds);
  const bus =
    extras.bus ??
    (config.redis
      ? createRedisBus(config.redis, log, { health, prefix: config.topicPrefix })
      : createMemoryBus());
  const refusals = createRefusals(bus, names, metrics, log);
  const foreign = watchForeignPublishers(config.topicPrefix, health, metrics);
  const services = { bus, names, refusals, foreign, health, observer: metrics, log };
  const { recentBytes, replayBytes } = config;
  const keptSeconds = config.retention.seconds;
  const hub = createHub({ ...services, keptSeconds, recentBytes, replayBytes });
  const stopSweeping = startSweeping({ bus, names, seconds: keptSeconds, log });
  const stopNoting = noteSettings({ ...config, bus, names });
  const snapshots = keepLatestSnapshots(hub, bus, domain.kinds);

  // Who may come in, how often, and with how much.
  const sessions = createSessions(config, services);
  const connections = createQuota(limits.maxConnectionsPerUser);
  const subscriptions = createQuota(limits.maxSubscriptionsPerUser);
  const isAllowedOrigin = createOriginCheck({ ...config, log });
  const report = createRefusalReports(metrics.refused, log);
  const admission = createAdmission({ limits, clients: createClientAddresses(config.proxies, log), report });

  // One execution for all who may see the same.
  const turn = createTurn((error) => log.error({ err: error }, 'a delivery failed'));
  const { maxOutboxBytes } = limits;
  const onSlow = metrics.slowClientClosed;
  const eventStreams = createEventStreams({ turn, maxOutboxBytes, maskError, onSlow });
  const sharing = shareSubscriptions({
    turn,
    subscriptions,
    kpiIntervalMs: config.kpiIntervalMs,
    partBytes: maxOutboxBytes / 8,
    adopt: eventStreams.adopt,
    observer: metrics,
  });

  // GraphQL.
  const schema = createLiveSchema({
    domain,
    hub,
    snapshots,
    maxWaitingEvents: limits.maxWaitingEvents,
    startSession: sessions.start,
  });
  const documents = createDocuments({ schema, limits, introspection });
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

  // HTTP, with the probes, and WebSockets on the same port.
  const graphiql = config.graphiql ? await loadGraphiQL(extras.graphiql ?? PLAIN_PAGE, log) : undefined;
  if (config.graphiql && !introspection) log.warn(NO_DOCUMENTATION);
  for (const warning of config.warnings) log.warn(warning);
  let isStopping = false;
  const http = createHttpServer({
    yoga,
    graphiql,
    isAllowedOrigin,
    basePath,
    keepAliveSeconds,
    admission,
    readiness,
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

  async function readiness(): Promise<Readiness> {
    if (isStopping) return { ready: false, reason: 'stopping' };
    await sessions.tried;
    const isReachable = await bus.isReachable();
    const known = health.readiness();
    return isReachable || !known.ready ? known : { ...known, ready: false, reason: 'Redis is not reachable' };
  }

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
    sessions.close();
    snapshots.close();
    stopSweeping();
    stopNoting();
    hub.close();
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
