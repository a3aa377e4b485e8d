import { createBackoff } from './backoff.ts';
import { type Connection, createConnection } from './connection.ts';
import { createDemand } from './demand.ts';
import { createDial } from './dial.ts';
import { readEndpoints, requirePage } from './endpoints.ts';
import { createIdleWatch } from './idle.ts';
import { withInspection } from './inspection.ts';
import type { LiveClientOptions } from './options.ts';
import { watchPage } from './page-signals.ts';
import { withSeen } from './shown-events.ts';
import { createStatusStore } from './status-store.ts';
import { createSubscriptions } from './subscriptions.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { chooseTransport, type TransportChoice } from './transport-choice.ts';
import type { LiveClient } from './types.ts';
import { keepUp } from './upkeep.ts';
import { createUrqlClient } from './urql-client.ts';

/**
 * Makes the client of a page; one is enough. It connects when something is followed, comes back by itself after any
 * interruption, resumes exactly where it was, and keeps its session alive. `close()` it when the user logs out.
 * A server that renders the page may import the module that makes it: nothing happens there, since hooks follow only in a browser.
 * @throws {TypeError} if the url is none.
 */
export function createLiveClient(options: LiveClientOptions): LiveClient {
  const { retry, transport = 'auto', renewBeforeMs = 90_000, lingerMs = 5000, upgradeMs = 300_000 } = options;
  const { documents = 'text' } = options;
  const endpoints = readEndpoints(options.url);
  const newBackoff = () => createBackoff(retry?.firstMs ?? 1000, retry?.maxMs ?? 30_000);
  const store = createStatusStore();
  const choice = chooseTransport(transport);
  const {
    connectTimeoutMs = 15_000,
    heartbeatMs = 15_000,
    shareConnection: connect = createConnection,
  } = options;
  const tokens = createTokens(options.getToken, connectTimeoutMs, (reason) => connection.end(reason));
  const idleWatch = createIdleWatch(options.idle, (reason, farewell) => connection.end(reason, farewell));
  const subscriptions = createSubscriptions(newBackoff, (isWanted) =>
    isWanted ? demand.begin() : demand.linger(),
  );
  let isClosed = false;
  let unwatch: (() => void) | undefined;

  const { http, websocket } = endpoints ?? { http: options.url, websocket: options.url }; // `follow` refuses it
  const connection = connect({
    url: http,
    heartbeatMs,
    documents,
    dial: createDial({
      endpoints: { http, websocket },
      connectTimeoutMs,
      heartbeatMs,
      webSocketImpl: options.webSocketImpl ?? globalThis.WebSocket,
      documents,
    }),
    tokens,
    backoff: newBackoff(),
    choice,
    store,
    isWanted: () => demand.isWanted,
    onLink: subscriptions.attach,
    keepUp: (link, token) =>
      keepUp(link, token, {
        connection,
        tokens,
        renewBeforeMs,
        upgradeMs: choice.mayUpgrade ? upgradeMs : undefined,
      }),
    onLinkGone: subscriptions.detach,
    onSessionEnd(reason) {
      idleWatch.stop();
      options.onSessionEnd?.(reason);
    },
  });

  const demand = createDemand(lingerMs, {
    begun() {
      unwatch ??= followPage(connection, choice, tokens);
      if (store.status.phase !== 'signed-out') idleWatch.begin();
      connection.connect();
    },
    ended() {
      unwatch?.();
      unwatch = undefined;
      connection.rest();
    },
  });

  const follow: LiveClient['follow'] = (document, variables, follower) => {
    if (isClosed) return () => undefined;
    requirePage(endpoints, options.url);
    return subscriptions.follow(document, variables, follower);
  };

  const client = withSeen<Omit<LiveClient, 'seen'>>({
    urql: createUrqlClient(http, follow, tokens, documents),
    get status() {
      return store.status;
    },
    onStatus: store.onStatus,
    follow,
    disconnect() {
      if (!isClosed) connection.hold('disconnected');
    },
    reconnect() {
      if (isClosed) return;
      idleWatch.begin();
      connection.reconnect();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      idleWatch.stop();
      subscriptions.clear();
      demand.end();
      tokens.stop();
      store.enter({ phase: 'signed-out', reason: 'Closed.' });
    },
  });
  return withInspection(client, subscriptions.inspect);
}

/** What happens to the page decides when its connection tries. Returns how to stop. */
function followPage(connection: Connection, choice: TransportChoice, tokens: Tokens): () => void {
  function back(): void {
    connection.hurry();
    connection.check();
  }

  function online(): void {
    choice.reset();
    back();
    if (connection.link?.transport === 'sse' && choice.mayUpgrade)
      connection.replace('websocket', tokens.current()).catch(() => undefined); // by SSE as before
  }

  return watchPage({ online, gone: () => connection.hold('browser'), back });
}
