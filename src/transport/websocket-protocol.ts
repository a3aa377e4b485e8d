import type { GraphQLError } from 'graphql';
import { type Context as ConnectionContext, makeServer } from 'graphql-ws';
import { type Batch, isShared, type Sink } from 'yoga-shared-subscriptions';
import type { Quota } from '../auth/quota.ts';
import { RefusedToken } from '../auth/refused-token.ts';
import type { Session } from '../auth/session.ts';
import type { Sessions } from '../auth/sessions.ts';
import { type ErrorCode, LiveError } from '../errors.ts';
import { contextOf, type Past } from '../graphql/context.ts';
import type { Documents } from '../graphql/documents.ts';
import { formatError, formatResult } from '../graphql/format.ts';
import type { OperationLog } from '../graphql/operation-log.ts';
import type { Logger } from '../log.ts';
import { CloseCode, closeCodeOf } from './close-codes.ts';
import { type Engine, prepareOperation, refuseOneMore } from './operation-args.ts';
import type { Connection } from './websocket-connection.ts';
import { encodeNext, encodeText, type NextHead, nextHead } from './websocket-frame.ts';
import { addNext } from './websocket-page.ts';

/** How long a client may take to send `connection_init`, in milliseconds; then 4408. */
const INIT_TIMEOUT_MS = 3000;

export interface ProtocolOptions extends Engine {
  readonly documents: Pick<Documents, 'read'>;
  readonly sessions: Pick<Sessions, 'start' | 'refused'>;
  /** Counts the connections of each user. */
  readonly connections: Quota;
  readonly operations: OperationLog;
  readonly maxSubscriptionsPerConnection: number;
  readonly maskError: (error: unknown) => GraphQLError;
  /** An operation got errors instead of results, or as well. For metrics. */
  readonly onErrors: (errors: readonly GraphQLError[]) => void;
  /** A connection was refused. For metrics. */
  readonly onRefused: (code: ErrorCode) => void;
  readonly log: Logger;
}

type SocketContext = ConnectionContext<Record<string, unknown>, Connection>;

export type Protocol = ReturnType<typeof makeServer<Record<string, unknown>, Connection>>;

/**
 * graphql-transport-ws, spoken by graphql-ws. It is the control plane only: the results of a subscription do not pass through
 * it, they go from their audience straight to the socket's outbox.
 */
export function createProtocol(options: ProtocolOptions): Protocol {
  const { schema, execute, subscribe, documents, operations, maxSubscriptionsPerConnection, onErrors } =
    options;
  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: (context) => signIn(context, options),
    onSubscribe({ extra, subscriptions }, id, payload) {
      if (Object.keys(subscriptions).length > maxSubscriptionsPerConnection)
        return [refuseOneMore(operations, extra.session, payload, maxSubscriptionsPerConnection)];
      try {
        return prepareOperation({ schema, documents, operations }, payload, {
          ...(extra.session && { session: extra.session }),
          onAbandon(giveUp) {
            const operation = extra.operations?.get(id);
            if (operation !== undefined) operation.giveUp = giveUp;
          },
        });
      } catch (error) {
        return [options.maskError(error)];
      }
    },
    execute,
    subscribe: async (args) => {
      try {
        return await subscribe(args);
      } catch (error) {
        return { errors: [options.maskError(error)] };
      }
    },
    onOperation({ extra, subscriptions }, id, _payload, args, result) {
      if (!isShared(result) || !(id in subscriptions)) return; // or its client has completed it by now
      const operation = extra.operations?.get(id);
      if (operation !== undefined) operation.results = result;
      sendPast(extra, id, contextOf(args).past);
      result.attach(new OperationSink(extra, id));
      sendCursors(extra, [id]);
    },
    onComplete({ extra }, id) {
      const operation = extra.operations?.get(id);
      if (operation !== undefined) {
        operation.giveUp = undefined;
        operation.results = undefined;
      }
      extra.outbox.clear(id);
    },
    onNext(_context, _id, _payload, _args, result) {
      if (result.errors !== undefined) onErrors(result.errors);
      return formatResult(result);
    },
    onError({ extra }, _id, _payload, errors) {
      const masked = errors.map(options.maskError); // graphql-ws passes on whatever has ended the results
      if (extra.isOpen) onErrors(masked); // else the client gets the code by which its socket is closed
      return masked.map(formatError);
    },
  });
}

/** Takes the results of one operation to its socket's outbox. */
class OperationSink implements Sink {
  readonly #connection: Connection;
  readonly #id: string;
  readonly #head: NextHead;

  constructor(connection: Connection, id: string) {
    this.#connection = connection;
    this.#id = id;
    this.#head = nextHead(id, connection.isCompressed);
  }

  deliver({ frames, isNewestOnly }: Batch): void {
    const { outbox } = this.#connection;
    if (isNewestOnly) outbox.addNewest(this.#id, encodeNext(this.#head, frames));
    else outbox.defer(() => addNext(outbox, this.#head, frames));
  }

  room(): Promise<void> | undefined {
    return this.#connection.outbox.room();
  }

  endSlow(): void {
    this.#connection.endSlow();
  }
}

/**
 * Sends the client the cursors of its operations, so that operations which have received nothing can resume as well
 * (contract, section 6). A stock client answers the ping and ignores what is in it.
 */
export function sendCursors({ outbox, operations }: Connection, ids: Iterable<string>): void {
  // Written as text. An object whose properties are ids would cost five times as much, and V8 would note each id among the properties
  // that plain objects may have, which makes other objects slower to build.
  let cursors = '';
  for (const id of ids) {
    const cursor = operations?.get(id)?.results?.cursor();
    if (cursor === undefined) continue;
    cursors += `${cursors === '' ? '' : ','}${JSON.stringify(id)}:${JSON.stringify(cursor)}`;
  }
  if (cursors !== '') outbox.add(encodeText(`{"type":"ping","payload":{"cursors":{${cursors}}}}`));
}

/** Reports to a client that asked for the past how much of it comes, before any of it does (contract, section 6). */
function sendPast({ outbox }: Connection, id: string, past: Past | undefined): void {
  if (past === undefined) return;
  outbox.add(encodeText(JSON.stringify({ type: 'ping', payload: { past: { [id]: past } } })));
}

/** Verifies the token of `connection_init`; the session then closes the socket when it ends. */
async function signIn(
  context: SocketContext,
  { sessions, connections, operations, onRefused, log }: ProtocolOptions,
): Promise<boolean> {
  const { extra } = context;
  try {
    const session = await startSession(extra, takeToken(context, sessions), sessions);
    const release = connections.take(session.identity.viewer.id);
    session.onEnd((error) => {
      release?.();
      if (error !== undefined) extra.end(closeCodeOf(error), error.message);
    });
    if (release === undefined) {
      operations.overLimit(session, 'connections-per-user');
      onRefused('LIMIT_EXCEEDED');
      extra.end(CloseCode.TooManyRequests, 'Too many connections: close others first');
    }
    if (!extra.isOpen) {
      session.close();
      return false;
    }
    extra.signedIn(session);
    return true;
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    log.debug({ code: error.code }, 'a connection was refused');
    onRefused(error.code);
    extra.end(closeCodeOf(error), error.message);
    return false;
  }
}

/** This is not a part of `signIn`: the listener there lives as long as the session, and would keep the token. */
function startSession(
  { visit, visitor }: Connection,
  token: string,
  sessions: Pick<Sessions, 'start'>,
): Promise<Session> {
  const start = (): Promise<Session> => sessions.start(token, visitor);
  return visit === undefined ? start() : visit.signIn(start);
}

/**
 * Takes the token out of `connectionParams.authorization`, with or without `Bearer`. graphql-ws would keep the parameters, and
 * the token in them, for as long as the socket is open.
 */
function takeToken(context: SocketContext, sessions: Pick<Sessions, 'refused'>): string {
  const { connectionParams: params, extra } = context;
  const { visitor } = extra;
  Object.assign(context, { connectionParams: undefined });
  const authorization = params?.['authorization'] ?? params?.['Authorization'];
  if (authorization === undefined)
    throw sessions.refused(new RefusedToken('missing', 'no authorization in connectionParams'), visitor);
  const token =
    typeof authorization === 'string' ? /^(?:Bearer +)?(\S+) *$/i.exec(authorization)?.[1] : undefined;
  if (token === undefined)
    throw sessions.refused(
      new RefusedToken('malformed', 'authorization in connectionParams is no token'),
      visitor,
    );
  return token;
}
