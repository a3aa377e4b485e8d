import { type AppStats, createCondition, type State } from './app/condition.ts';
import { createDelivery } from './app/delivery.ts';
import { createEntry } from './app/entry.ts';
import { createGraphQL } from './app/graphql.ts';
import { createReports, type Reports } from './app/reports.ts';
import { createServers } from './app/servers.ts';
import { createTopics } from './app/topics.ts';
import type { Bus } from './bus/bus.ts';
import type { Config } from './config/config.ts';
import { readDomain } from './events/domain.ts';
import type { DocumentCacheStats } from './graphql/document-cache.ts';
import { prepareDocuments } from './graphql/prepare-documents.ts';
import type { Readiness } from './health.ts';
import type { Logger } from './log.ts';
import type { OpenSink } from './record/writer.ts';
import { loadTracing, type TracingApi } from './tracing.ts';
import { type GraphiQLPage, loadGraphiQL } from './transport/graphiql/graphiql.ts';
import { PLAIN_PAGE } from './transport/graphiql/plain-page.ts';
import { answerQuestions } from './transport/presence.ts';
import { type ProbeServer, type Probes, startProbeServer } from './transport/probes.ts';
import type { RequestHandler } from './transport/responses.ts';

export type { AppStats };

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

const NO_DOCUMENTATION =
  'GraphiQL is on and introspection is off: it will have no documentation and complete nothing. Set both alike';

const NO_TEXTS =
  'GraphiQL is on, and only trusted documents are run: it can run nothing. Switch it off, or set TRUSTED_DOCUMENTS_MODE=also';

/** Builds the server, in the order of its pipeline, and starts it. */
export async function startApp(config: Config, log: Logger, extras: AppExtras = {}): Promise<App> {
  const domain = readDomain(config.schemaFile);
  const documents = prepareDocuments(config, domain);
  const reports = createReports(config, log, extras.securityLines);
  const tracing = config.tracing ? (extras.tracing ?? (await loadTracing())) : undefined;
  const topics = createTopics(config, domain, reports, { ...extras, tracing });
  const entry = createEntry(config, topics.services);
  const delivery = createDelivery(config, entry, reports);
  const graphql = createGraphQL({ config, domain, documents, reports, topics, entry, delivery });
  const graphiql = config.graphiql ? await loadGraphiQL(extras.graphiql ?? PLAIN_PAGE, log) : undefined;
  warnOf(config, reports);

  const { metrics } = reports;
  let state: State = 'serving';
  let probeServer: ProbeServer | undefined;
  const own: Probes = {
    readiness: () => condition.readiness(),
    metrics: async () => metrics.render(await condition.readings()),
  };
  const probes = extras.probes === 'elsewhere' ? undefined : (extras.probes ?? own);
  const { http, transports } = createServers(
    { config, reports, entry, delivery, graphql },
    {
      graphiql,
      otherwise: extras.otherwise,
      probes: config.metrics === undefined ? probes : undefined,
      isOneOfSeveral: extras.isOneOfSeveral ?? false,
    },
  );
  const condition = createCondition({ reports, topics, entry, delivery, transports, state: () => state });
  const stopAnswering = answerQuestions({ ...topics.services, transports });

  async function stop(): Promise<void> {
    state = 'stopping';
    http.refuseStreams();
    const patienceMs = config.shutdownSeconds * 1000;
    await Promise.all(transports.map((clients) => clients.close(patienceMs)));
    await http.close(patienceMs);
    entry.sessions.close();
    stopAnswering();
    await topics.close();
    await probeServer?.close(); // the last, since it says until then what is going on
    metrics.close();
    state = 'stopped';
    entry.operations.close();
    await reports.securityLog.close(); // its last lines may go to Redis
    await topics.bus.close();
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
    bus: topics.bus,
    stats: condition.stats,
    documents: () => graphql.documents.stats,
    readiness: condition.readiness,
    metricsAsJson: async () => metrics.toJson(await condition.readings()),
    stopListening: http.stopListening,
    close,
  };
}

/** Names what is questionable in the settings, once. */
function warnOf(config: Config, { log, securityLog }: Reports): void {
  if (config.graphiql && !config.introspection) log.warn(NO_DOCUMENTATION);
  if (config.graphiql && config.documents.isOnly) log.warn(NO_TEXTS);
  for (const warning of config.warnings) log.warn(warning);
  for (const unsafe of config.unsafe) securityLog.note({ event: 'setting.unsafe', ...unsafe });
}
