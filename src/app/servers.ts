import type { Config } from '../config/config.ts';
import { createHttpServer, type HttpOptions } from '../transport/http.ts';
import { createSingleConnection } from '../transport/single-connection.ts';
import { serveWebSockets } from '../transport/websocket.ts';
import type { ConnectionOptions } from '../transport/websocket-connection.ts';
import type { Delivery } from './delivery.ts';
import type { Entry } from './entry.ts';
import type { GraphQL } from './graphql.ts';
import type { Reports } from './reports.ts';

interface Parts {
  readonly config: Config;
  readonly reports: Reports;
  readonly entry: Entry;
  readonly delivery: Delivery;
  readonly graphql: GraphQL;
}

interface ServerOptions extends Pick<HttpOptions, 'graphiql' | 'otherwise' | 'probes'> {
  /** Whether other processes take connections on the same port. */
  readonly isOneOfSeveral: boolean;
}

/** HTTP, with the probes, and WebSockets on the same port. */
export function createServers(
  { config, reports, entry, delivery, graphql }: Parts,
  { isOneOfSeveral, ...pages }: ServerOptions,
) {
  const { limits, basePath, keepAliveSeconds, compression } = config;
  const { isAllowedOrigin, admission, sessions, connections, operations, report } = entry;
  const { turn, onSlow, eventStreams } = delivery;
  const { metrics, maskError, onErrors, log } = reports;
  const { yoga, documents, engine } = graphql;
  const shared = { isAllowedOrigin, basePath, admission, log };
  const onOverrun: ConnectionOptions['onOverrun'] = ({ address }, session) =>
    report('messages', address ?? '', session);
  const onRefused = metrics.failed;
  const clients = {
    turn,
    onSlow,
    onOverrun,
    onMisuse: operations.closedFor,
    onErrors,
    onRefused,
    maskError,
    sessions,
    connections,
    operations,
  };
  const many = { ...shared, ...engine, documents, ...limits, ...clients };
  const singleConnection = createSingleConnection({ ...many, isOneOfSeveral });
  const http = createHttpServer({
    ...shared,
    yoga,
    ...pages,
    singleConnection,
    keepAliveSeconds,
    onStalled: onSlow,
  });
  const webSockets = serveWebSockets(http.server, { ...many, compression });
  return { http, transports: [webSockets, eventStreams, singleConnection] };
}
