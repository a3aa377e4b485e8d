import type { GraphQLError } from 'graphql';
import { createTurn } from 'yoga-shared-subscriptions';
import { createQuota } from './auth/quota.ts';
import { createSessions } from './auth/sessions.ts';
import { whoOf } from './auth/who.ts';
import type { Bus } from './bus/bus.ts';
import { createMemoryBus } from './bus/memory-bus.ts';
import { createRedisBus } from './bus/redis-bus.ts';
import type { Config } from './config/config.ts';
import { toErrorCode } from './errors.ts';
import { type Domain, readDomain } from './events/domain.ts';
import { createTopicNames } from './events/topic-names.ts';
import type { ExecutedEvent } from './graphql/context.ts';
import type { DocumentCacheStats } from './graphql/document-cache.ts';
import { createDocuments } from './graphql/documents.ts';
import { createTidyMessage } from './graphql/error-text.ts';
import { createErrorMask } from './graphql/mask-error.ts';
import { createOperationLog } from './graphql/operation-log.ts';
import { createLiveSchema } from './graphql/schema.ts';
import { shareSubscriptions } from './graphql/sharing.ts';
import { createHealth, type Readiness } from './health.ts';
import type { Logger } from './log.ts';
import type { Readings } from './metrics/gauges.ts';
import { createMetrics } from './metrics.ts';
import { toDestination } from './record/destination.ts';
import { NO_SECURITY_LOG } from './record/security-log.ts';
import { createSecurityLog, type OpenSecurityLog, type OpenSink } from './record/writer.ts';
import { watchForeignPublishers } from './topics/foreign.ts';
import { createHub } from './topics/hub.ts';
import { keepLatestSnapshots } from './topics/latest-snapshots.ts';
import { createRefusals } from './topics/refusals.ts';
import { noteSettings } from './topics/settings-note.ts';
import { startSweeping } from './topics/sweeper.ts';
import { loadTracing, type TracingApi, traceEvents } from './tracing.ts';
import { createAdmission } from './transport/admission/admission.ts';
import { createRefusalReports } from './transport/admission/refusal-reports.ts';
import { createClientAddresses } from './transport/client-address.ts';
import { type GraphiQLPage, loadGraphiQL } from './transport/graphiql/graphiql.ts';
import { PLAIN_PAGE } from './transport/graphiql/plain-page.ts';
import { createHttpServer, type HttpOptions } from './transport/http.ts';
import { createOriginCheck } from './transport/origin.ts';
import { answerQuestions } from './transport/presence.ts';
import { type ProbeServer, type Probes, startProbeServer } from './transport/probes.ts';
import type { RequestHandler } from './transport/responses.ts';
import { createSingleConnection } from './transport/single-connection.ts';
import { createEventStreams } from './transport/sse.ts';
import { serveWebSockets } from './transport/websocket.ts';
import type { ConnectionOptions } from './transport/websocket-connection.ts';
import { watchWrittenEvents } from './transport/written-events.ts';
import { createGraphQLServer } from './transport/yoga.ts';

/** What a program may add to the server, such as the demo its page. */
export interface AppExtras {
  /** Default: a plain GraphiQL, if the settings have one. */
  readonly graphiql?: GraphiQLPage;
  /** Answers what is neither GraphQL nor a probe; sees paths without the base path. Default: 404. */
  readonly otherwise?: RequestHandler;
  /** Answers the probes in place of this process; `elsewhere`: another process does, on `METRICS_PORT`. */
  readonly probes?: Probes | 'elsewhere';
  /** Whether other processes take connections on the same port. Default: no. */
  readonly isOneOfSeveral?: boolean;
  /** Called when everything is prepared; the server listens once it resolves. */
  readonly beforeListening?: () => Promise<void>;
  /** Default: Redis, or a bus within the process where the settings name no Redis. */
  readonly bus?: Bus;
  /** Takes the lines of the security log. Default: as `SECURITY_LOG` says. */
  readonly securityLines?: OpenSink;
  /** Makes the spans of events. Default: `@opentelemetry/api`, where the settings ask for spans. */
  readonly tracing?: TracingApi;
}

export interface App {
  /** Where it listens, e.g. `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where the metrics and the probes are. The same as `url`, unless the settings give them a port of their own. */
  readonly metricsUrl: string;
  readonly bus: Bus;
  /** What the server holds at the moment. */
  stats(): AppStats;
  /** What the server keeps of the documents that users sent. */
  documents(): DocumentCacheStats;
  /** Whether this process may take traffic now. */
  readiness(): Promise<Readiness>;
  /** The metrics of this process as data, also after it has stopped. */
  metricsAsJson(): Promise<readonly object[]>;
  /** Takes no new connections; clients that are connected stay. */
  stopListening(): void;
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
  const domain = readDomain(config.schemaFile);
  const reports = createReports(config, log, extras.securityLines);
  const tracing = config.tracing ? (extras.tracing ?? (await loadTracing())) : undefined;
  const topics = createTopics(config, domain, reports, { ...extras, tracing });
  const entry = createEntry(config, topics.services);
  const delivery = createDelivery(config, entry, reports);
  const graphql = createGraphQL({ config, domain, reports, topics, entry, delivery });
  const graphiql = config.graphiql ? await loadGraphiQL(extras.graphiql ?? PLAIN_PAGE, log) : undefined;
  if (config.graphiql && !config.introspection) log.warn(NO_DOCUMENTATION);
  for (const warning of config.warnings) log.warn(warning);
  for (const unsafe of config.unsafe) reports.securityLog.note({ event: 'setting.unsafe', ...unsafe });

  const { bus, hub } = topics;
  const { sessions, subscriptions } = entry;
  const { eventStreams, sharing } = delivery;
  const { health, metrics } = reports;
  let isStopping = false;
  let probeServer: ProbeServer | undefined;
  let isStopped = false;
  const readings = async (): Promise<Readings> => ({
    ...stats(),
    troubles: health.troubles,
    redisUp: !isStopped && (await bus.isReachable()),
  });
  const own: Probes = { readiness, metrics: async () => metrics.render(await readings()) };
  const probes = extras.probes === 'elsewhere' ? undefined : (extras.probes ?? own);
  const parts = { config, reports, entry, delivery, graphql };
  const { http, webSockets, singleConnection } = createServers(parts, {
    graphiql,
    otherwise: extras.otherwise,
    isOneOfSeveral: extras.isOneOfSeveral ?? false,
    probes: config.metrics === undefined ? probes : undefined,
  });

  const transports = [webSockets, eventStreams, singleConnection];
  const stopAnswering = answerQuestions({ ...topics.services, transports });

  async function readiness(): Promise<Readiness> {
    if (isStopping) return { ready: false, reason: 'stopping' };
    await sessions.tried;
    const isReachable = await bus.isReachable();
    const known = health.readiness();
    return isReachable || !known.ready ? known : { ...known, ready: false, reason: 'Redis is not reachable' };
  }

  const stats = (): AppStats => ({
    connections: webSockets.count + eventStreams.count + singleConnection.count,
    sessions: sessions.count,
    subscriptions: subscriptions.total,
    audiences: sharing.audiences,
    openTopics: hub.openTopics,
    outboxBytes: webSockets.outboxBytes + eventStreams.outboxBytes + singleConnection.outboxBytes,
  });

  async function stop(): Promise<void> {
    isStopping = true;
    http.refuseStreams();
    const patienceMs = config.shutdownSeconds * 1000;
    await Promise.all(transports.map((clients) => clients.close(patienceMs)));
    await http.close(patienceMs);
    sessions.close();
    stopAnswering();
    await topics.close();
    await probeServer?.close(); // the last, since it says until then what is going on
    metrics.close();
    isStopped = true;
    entry.operations.close();
    await reports.securityLog.close();
    log.info('stopped');
  }
  let stopped: Promise<void> | undefined;
  const close = (): Promise<void> => {
    stopped ??= stop();
    return stopped;
  };

  async function listen(): Promise<Pick<App, 'url' | 'metricsUrl'>> {
    await extras.beforeListening?.();
    const url = await http.listen(config.host, config.port);
    log.info({ url }, 'listening');
    if (config.metrics !== undefined && probes !== undefined)
      probeServer = await startProbeServer(probes, { ...config, ...config.metrics, log });
    return { url, metricsUrl: probeServer?.url ?? url };
  }
  const urls = await listen().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    ...urls,
    bus,
    stats,
    documents: () => graphql.documents.stats,
    readiness,
    metricsAsJson: async () => metrics.toJson(await readings()),
    stopListening: http.stopListening,
    close,
  };
}

/** What every floor reports to. */
function createReports(config: Config, log: Logger, securityLines?: OpenSink) {
  const { introspection } = config;
  const securityLog = openSecurityLog(config, log, securityLines);
  const metrics = createMetrics();
  const health = createHealth(log);
  const maskError = createErrorMask(log, createTidyMessage({ hideSuggestions: !introspection }));
  const onErrors = ([error]: readonly GraphQLError[]): void =>
    metrics.failed(toErrorCode(error?.extensions['code']));
  return { metrics, health, maskError, onErrors, securityLog, log };
}

/** @throws when its file cannot be opened. */
function openSecurityLog({ securityLog }: Config, log: Logger, given?: OpenSink): OpenSecurityLog {
  const { destination, level } = securityLog;
  const open = given ?? (destination === undefined ? undefined : toDestination(destination, log));
  if (open === undefined) return { ...NO_SECURITY_LOG, close: () => Promise.resolve() };
  return createSecurityLog({ level, open });
}

type Reports = ReturnType<typeof createReports>;

/** The bus, and its topics as this process knows them. */
function createTopics(
  config: Config,
  domain: Domain,
  { metrics, health, securityLog, log }: Reports,
  { bus: given, tracing }: { readonly bus?: Bus; readonly tracing: TracingApi | undefined },
) {
  const { topicPrefix, recentBytes, replayBytes } = config;
  const keptSeconds = config.retention.seconds;
  const names = createTopicNames(topicPrefix, domain.kinds);
  const bus =
    given ??
    (config.redis
      ? createRedisBus(config.redis, log, { health, prefix: topicPrefix, observer: metrics })
      : createMemoryBus());
  const refusals = createRefusals(bus, names, metrics, log);
  const foreign = watchForeignPublishers(topicPrefix, health, metrics);
  const services = { bus, names, refusals, foreign, health, observer: metrics, securityLog, log };
  const traceEvent = tracing && traceEvents(tracing);
  const hub = createHub({ ...services, keptSeconds, recentBytes, replayBytes, traceEvent });
  const stopSweeping = startSweeping({ bus, names, seconds: keptSeconds, log });
  const stopNoting = noteSettings({ ...config, bus, names, log });
  const snapshots = keepLatestSnapshots(hub, bus, domain.kinds);
  return {
    bus,
    services,
    hub,
    snapshots,
    async close() {
      snapshots.close();
      stopSweeping();
      stopNoting();
      hub.close();
      await bus.close();
    },
  };
}
type Topics = ReturnType<typeof createTopics>;

/** Who may come in, how often, and with how much. */
function createEntry(config: Config, services: Topics['services']) {
  const { limits, proxies } = config;
  const { observer, securityLog, log } = services;
  const report = createRefusalReports((limit, address, session) => {
    observer.refused(limit);
    securityLog.note({ event: 'limit.reached', limit, ...(session ? whoOf(session) : { address }) });
  }, log);
  return {
    sessions: createSessions(config, services),
    connections: createQuota(limits.maxConnectionsPerUser),
    subscriptions: createQuota(limits.maxSubscriptionsPerUser),
    isAllowedOrigin: createOriginCheck({ ...config, securityLog, log }),
    operations: createOperationLog(securityLog, services.names),
    report,
    admission: createAdmission({ limits, clients: createClientAddresses(proxies, log), report }),
  };
}
type Entry = ReturnType<typeof createEntry>;

/** One execution for all who may see the same. */
function createDelivery(config: Config, { subscriptions, operations }: Entry, reports: Reports) {
  const { metrics, maskError, onErrors, log } = reports;
  const { maxOutboxBytes } = config.limits;
  const turn = createTurn((error) => log.error({ err: error }, 'a delivery failed'));
  const onSlow = metrics.slowClientClosed;
  const eventStreams = createEventStreams({ turn, maxOutboxBytes, maskError, onErrors, onSlow });
  const noteDelivered = watchWrittenEvents<ExecutedEvent>(turn, (events, from) => {
    metrics.written(events);
    for (const { traced } of events) traced?.trace.written(from);
  });
  const sharing = shareSubscriptions({
    turn,
    subscriptions,
    operations,
    kpiIntervalMs: config.kpiIntervalMs,
    partBytes: maxOutboxBytes / 8,
    adopt: eventStreams.adopt,
    observer: {
      ...metrics,
      failed: onErrors,
      delivered(events, members) {
        metrics.delivered(events, members);
        if (members > 0) noteDelivered(events);
      },
    },
  });
  return { turn, onSlow, eventStreams, sharing };
}

/** The parts of a server that come before its protocols. */
interface Parts {
  readonly config: Config;
  readonly domain: Domain;
  readonly reports: Reports;
  readonly topics: Topics;
  readonly entry: Entry;
  readonly delivery: ReturnType<typeof createDelivery>;
  readonly graphql: ReturnType<typeof createGraphQL>;
}

function createGraphQL({ config, domain, reports, topics, entry, delivery }: Omit<Parts, 'graphql'>) {
  const { limits, introspection } = config;
  const { sessions, admission, isAllowedOrigin, operations } = entry;
  const schema = createLiveSchema({
    domain,
    hub: topics.hub,
    snapshots: topics.snapshots,
    maxWaitingEvents: limits.maxWaitingEvents,
    startSession: sessions.start,
  });
  const documents = createDocuments({ schema, limits, introspection });
  const yoga = createGraphQLServer({
    schema,
    documents,
    sessions,
    admission,
    operations,
    sharing: delivery.sharing.plugin,
    eventStreams: delivery.eventStreams,
    maxMessageBytes: limits.maxMessageBytes,
    isAllowedOrigin,
    ...reports,
  });
  return { yoga, documents };
}

interface ServerPages extends Pick<HttpOptions, 'graphiql' | 'otherwise' | 'probes'> {
  readonly isOneOfSeveral: boolean;
}

/** HTTP, with the probes, and WebSockets on the same port. */
function createServers(
  { config, reports, entry, delivery, graphql }: Omit<Parts, 'domain' | 'topics'>,
  { isOneOfSeveral, ...pages }: ServerPages,
) {
  const { limits, basePath, keepAliveSeconds } = config;
  const { isAllowedOrigin, admission, sessions, connections, operations, report } = entry;
  const { turn, onSlow } = delivery;
  const { metrics, maskError, onErrors, log } = reports;
  const shared = { ...graphql, isAllowedOrigin, basePath, admission, log };
  const { schema, execute, subscribe } = graphql.yoga.getEnveloped({});
  const onOverrun: ConnectionOptions['onOverrun'] = ({ address }, session) =>
    report('messages', address ?? '', session);
  const onRefused = metrics.failed;
  const clients = {
    turn,
    onSlow,
    onOverrun,
    onErrors,
    onRefused,
    maskError,
    sessions,
    connections,
    operations,
  };
  const many = { ...shared, ...limits, ...clients };
  const singleConnection = createSingleConnection({ ...many, schema, execute, subscribe, isOneOfSeveral });
  const http = createHttpServer({
    ...shared,
    ...pages,
    singleConnection,
    keepAliveSeconds,
    onStalled: onSlow,
  });
  const webSockets = serveWebSockets(http.server, many);
  return { http, webSockets, singleConnection };
}
