import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql';
import { type Context as ConnectionContext, makeServer, type SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { isShared, type SharedResults, type Sink } from '../delivery/member.ts';
import type { Outbox } from '../delivery/outbox.ts';
import type { Usage } from '../delivery/usage.ts';
import { type ErrorCode, LiveError, SessionError } from '../errors.ts';
import { formatError, formatResult } from '../graphql/format.ts';
import type { Logger } from '../log.ts';
import { CloseCode, closeCodeOf } from './close-codes.ts';
import type { Session, Sessions } from './session.ts';
import { createNextEncoder, encodeText } from './websocket-frame.ts';
import type { Yoga } from './yoga.ts';

/** How long a client may take to send `connection_init`, in milliseconds; then 4408. */
const INIT_TIMEOUT_MS = 3000;

export interface ProtocolOptions {
  readonly yoga: Yoga;
  readonly sessions: Sessions;
  /** Counts the connections of each user. */
  readonly connections: Usage;
  readonly maxSubscriptionsPerConnection: number;
  readonly maskError: (error: unknown) => GraphQLError;
  readonly log: Logger;
}

/** What graphql-ws keeps for us with each connection. */
export interface Connection {
  readonly socket: WebSocket;
  readonly stream: Duplex;
  readonly outbox: Outbox;
  /** How to give up what is being opened, by operation id. */
  readonly openings: Map<string, () => void>;
  /** What runs on it, by operation id. */
  readonly operations: Map<string, SharedResults>;
  /** Its client is too slow. */
  endSlow(): void;
  session?: Session;
}

type SocketContext = ConnectionContext<Record<string, unknown>, Connection>;

export type Protocol = ReturnType<typeof makeServer<Record<string, unknown>, Connection>>;

/**
 * graphql-transport-ws, spoken by graphql-ws. It is the control plane only: the results of a subscription do not pass through
 * it, they go from their audience straight to the socket's outbox.
 */
export function createProtocol(options: ProtocolOptions): Protocol {
  const { yoga, sessions, connections, maxSubscriptionsPerConnection, log } = options;
  const { execute, subscribe } = yoga.getEnveloped({});
  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: (context) => signIn(context, sessions, connections, log),
    onSubscribe: async ({ extra, subscriptions }, id, payload) =>
      Object.keys(subscriptions).length > maxSubscriptionsPerConnection
        ? [limitExceeded(`At most ${maxSubscriptionsPerConnection} operations may run on a connection.`)]
        : prepare(yoga, extra, id, payload).catch((error: unknown) => [options.maskError(error)]),
    execute,
    subscribe: async (args) => {
      try {
        return await subscribe(args);
      } catch (error) {
        return { errors: [options.maskError(error)] };
      }
    },
    onOperation({ extra, subscriptions }, id, _payload, _args, result) {
      if (!isShared(result) || !(id in subscriptions)) return; // or its client has completed it by now
      extra.operations.set(id, result);
      result.attach(createSink(extra, id));
      tellCursors(extra, [id]);
    },
    onComplete({ extra }, id) {
      extra.openings.delete(id);
      extra.operations.delete(id);
      extra.outbox.clear(id);
    },
    onNext: (_context, _id, _payload, _args, result) => formatResult(result),
    onError: (_context, _id, _payload, errors) => errors.map(formatError),
  });
}

function createSink({ outbox, endSlow }: Connection, operationId: string): Sink {
  const encode = createNextEncoder(operationId);
  return {
    deliver(batch) {
      const bytes = encode(batch.frames);
      if (batch.isNewestOnly) outbox.addNewest(operationId, bytes);
      else outbox.add(bytes);
    },
    room: outbox.room,
    endSlow,
  };
}

/**
 * Tells the client how far it has come with its operations, so that those which have received nothing can resume as well
 * (contract, section 6). A stock client answers the ping and ignores what is in it.
 */
export function tellCursors({ outbox, operations }: Connection, ids: Iterable<string>): void {
  const cursors: Record<string, string> = {};
  for (const id of ids) {
    const cursor = operations.get(id)?.cursor();
    if (cursor !== undefined) cursors[id] = cursor;
  }
  if (Object.keys(cursors).length > 0)
    outbox.add(encodeText(JSON.stringify({ type: 'ping', payload: { cursors } })));
}

/** Verifies the token of `connection_init`; the session then closes the socket when it ends. */
async function signIn(
  { connectionParams, extra }: SocketContext,
  sessions: Sessions,
  connections: Usage,
  log: Logger,
): Promise<boolean> {
  const { socket } = extra;
  try {
    const session = await sessions.start(readToken(connectionParams));
    const release = connections.take(session.identity.viewer.id);
    session.onEnd((error) => {
      release?.();
      if (error !== undefined) socket.close(closeCodeOf(error), error.message);
    });
    if (release === undefined)
      socket.close(CloseCode.TooManyRequests, 'Too many connections: close others first');
    if (socket.readyState !== socket.OPEN) {
      session.close();
      return false;
    }
    extra.session = session;
    return true;
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    log.debug({ code: error.code }, 'a connection was refused');
    socket.close(closeCodeOf(error), error.message);
    return false;
  }
}

/** `connectionParams.authorization`, with or without `Bearer`. */
function readToken(params: Readonly<Record<string, unknown>> | undefined): string {
  const authorization = params?.['authorization'] ?? params?.['Authorization'];
  if (authorization === undefined) throw new SessionError('missing');
  const token =
    typeof authorization === 'string' ? /^(?:Bearer +)?(\S+) *$/i.exec(authorization)?.[1] : undefined;
  if (token === undefined) throw new SessionError('invalid');
  return token;
}

/** Parses and validates an operation. What is wrong with it, also what is thrown, is its error; the socket lives on. */
async function prepare(
  yoga: Yoga,
  { session, openings }: Connection,
  id: string,
  { query, operationName, variables, extensions }: SubscribePayload,
): Promise<ExecutionArgs | GraphQLError[]> {
  const { schema, parse, validate, contextFactory } = yoga.getEnveloped({
    ...(session && { session }),
    params: { extensions: extensions ?? {} },
    onAbandon: (giveUp: () => void) => openings.set(id, giveUp),
  });
  const document: ExecutionArgs['document'] = parse(query);
  const faults = validate(schema, document);
  if (faults.length > 0) return [...faults];
  if (getOperationAST(document, operationName) == null) {
    return [
      badInput('Name the operation to run in operationName: the document has several, or none of that name.'),
    ];
  }
  const args: ExecutionArgs = { schema, document, contextValue: await contextFactory() };
  return { ...args, operationName: operationName ?? null, variableValues: variables ?? null };
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode } });
}

export function limitExceeded(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED' satisfies ErrorCode } });
}
