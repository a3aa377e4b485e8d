/** Limits that a client without bad intentions never meets. */
import type { Bench } from '../bench.ts';
import { errorsOf, readAnswer } from '../operation.ts';
import { callHttp } from '../over-http.ts';
import { initOf, openSocketClient, type SocketClient } from '../over-websocket.ts';
import { expectClosed } from './closing.ts';
import { followRequest } from './following.ts';

export async function examineLimits(bench: Bench): Promise<void> {
  const { drills, findings } = bench;
  await examineDocuments(bench);
  await examineLongMessage(bench);
  if (!drills.includes('limits')) {
    for (const id of ['LIM-2', 'LIM-3', 'LIM-4', 'LIM-5'] as const)
      findings.notShown(id, 'it is a drill: --drills limits');
    return;
  }
  await examineOperations(bench);
  await examineFlood(bench);
  await examineConnections(bench);
  await examineSilence(bench);
}

/** Documents beyond each limit. */
async function examineDocuments({ wire, known: { limits }, people, findings }: Bench): Promise<void> {
  const [viewer] = people.viewers;
  const aliases = Array.from({ length: limits.maxTokens }, (_none, index) => `a${index}: id`).join(' ');
  const deep = `${'{ a '.repeat(limits.maxDepth + 1)}${' }'.repeat(limits.maxDepth + 1)}`;
  const spread = `...F0 ${Array.from({ length: 12 }, (_none, index) => `...F${index % 2}`).join(' ')}`;
  const fragments = Array.from(
    { length: 8 },
    (_none, index) => `fragment F${index} on Viewer { id ${`...F${index + 1} `.repeat(index < 7 ? 4 : 0)} }`,
  ).join(' ');
  const documents: readonly (readonly [string, string])[] = [
    ['too many tokens', `{ viewer { ${aliases} } }`],
    ['too deep', `{ viewer ${deep} }`],
    ['too many fields by fragments', `query { viewer { ${spread} } } ${fragments}`],
  ];
  for (const [what, query] of documents) {
    const { body } = await callHttp(wire, viewer?.token, { query });
    const { errors, data } = readAnswer(body);
    const [code = 'none'] = errors.map((error) => error.code);
    findings.add('LIM-1', {
      what: `a document with ${what}`,
      viewer: viewer?.name,
      transport: 'HTTP',
      expected: 'LIMIT_EXCEEDED, and no data',
      got: code,
      isGood: code === 'LIMIT_EXCEEDED' && data === undefined,
    });
  }
}

async function examineLongMessage(bench: Bench): Promise<void> {
  const { wire, known, people, findings } = bench;
  const [viewer] = people.viewers;
  const long = JSON.stringify({
    type: 'ping',
    payload: { padding: 'x'.repeat(known.limits.maxMessageBytes) },
  });
  const socket = await openSocketClient(wire, initOf(viewer?.token));
  socket.send(long);
  await expectClosed(bench, socket, { id: 'LIM-1', what: 'a message that is too big', code: 1009 });
  const { status } = await callHttp(wire, viewer?.token, {
    query: '{ viewer { id } }',
    extensions: { padding: 'x'.repeat(known.limits.maxMessageBytes) },
  });
  findings.add('LIM-1', {
    what: 'a body that is too big',
    viewer: viewer?.name,
    transport: 'HTTP',
    expected: '413',
    got: `${status}`,
    isGood: status === 413,
  });
}

/** The largest limits that a validation goes up to. */
const MOST_OPERATIONS = 500;
const MOST_CONNECTIONS = 200;

async function examineOperations(bench: Bench): Promise<void> {
  const { wire, known, people, findings } = bench;
  const { maxSubscriptionsPerConnection: most } = known.limits;
  const viewer = people.viewers.find(({ unitId }) => unitId !== null);
  if (most > MOST_OPERATIONS || viewer === undefined) {
    findings.notShown('LIM-2', `MAX_SUBSCRIPTIONS_PER_CONNECTION is ${most}, more than ${MOST_OPERATIONS}`);
    return;
  }
  const socket = await openSocketClient(wire, initOf(viewer.token));
  const operations = Array.from({ length: most + 1 }, () => socket.run(followRequest(bench)));
  await wire.news.until(() => operations.some(({ answers }) => answers.length > 0), wire.patienceMs);
  const refused = operations.filter((operation) =>
    errorsOf(operation).some(({ code }) => code === 'LIMIT_EXCEEDED'),
  );
  findings.add('LIM-2', {
    what: `${most + 1} operations on a socket`,
    viewer: viewer.name,
    transport: 'WebSocket',
    expected: 'LIMIT_EXCEEDED for one',
    got: `LIMIT_EXCEEDED for ${refused.length}`,
    isGood: refused.length === 1 && refused[0] === operations.at(-1),
  });
  socket.close();
}

async function examineFlood(bench: Bench): Promise<void> {
  const { wire, known, people, findings } = bench;
  const { maxMessagesPerSecond, maxSubscriptionsPerConnection } = known.limits;
  const [viewer] = people.viewers;
  if (maxMessagesPerSecond === 0) {
    findings.notShown('LIM-3', 'MAX_MESSAGES_PER_SECOND is 0: there is no limit');
    return;
  }
  const socket = await openSocketClient(wire, initOf(viewer?.token));
  const count = 3 * maxMessagesPerSecond + 5 * maxSubscriptionsPerConnection;
  for (let sent = 0; sent < count; sent += 1) socket.send('{"type":"ping"}');
  await expectClosed(bench, socket, { id: 'LIM-3', what: `${count} messages at once`, code: 4429 });
}

async function examineConnections(bench: Bench): Promise<void> {
  const { wire, known, people, findings } = bench;
  const { maxConnectionsPerUser: most } = known.limits;
  const [viewer] = people.viewers;
  if (most === 0 || most > MOST_CONNECTIONS) {
    findings.notShown('LIM-4', `MAX_CONNECTIONS_PER_USER is ${most}: it is tried up to ${MOST_CONNECTIONS}`);
    return;
  }
  const sockets: SocketClient[] = [];
  for (let open = 0; open <= most; open += 1)
    sockets.push(await openSocketClient(wire, initOf(viewer?.token)));
  const last = sockets.pop();
  if (last !== undefined)
    await expectClosed(bench, last, {
      id: 'LIM-4',
      what: `the connection ${most + 1} of a user`,
      code: 4429,
    });
  for (const socket of sockets) socket.close();
}

async function examineSilence(bench: Bench): Promise<void> {
  const silent = await openSocketClient(bench.wire, null);
  const chatty = await openSocketClient(bench.wire, null);
  for (let sent = 0; sent < 20; sent += 1) chatty.send('{"type":"ping"}');
  await expectClosed(bench, chatty, { id: 'LIM-5', what: 'twenty messages before signing in', code: 4429 });
  await expectClosed(bench, silent, { id: 'LIM-5', what: 'a socket that sends nothing', code: 4408 });
}
