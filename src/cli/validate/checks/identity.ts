/** Who somebody is: tokens that are missing, made up, or do not fit. */
import { subscriptionFields } from '../../../events/kinds.ts';
import { type Bench, NO_MINT } from '../bench.ts';
import { describeOutcome, errorsOf, type OperationRequest } from '../operation.ts';
import { callHttp, overHttp } from '../over-http.ts';
import { overSse, overSseForMany } from '../over-sse.ts';
import { initOf, openSocketClient, overWebSocket } from '../over-websocket.ts';
import { eventsOf } from '../received.ts';
import type { RequirementId } from '../requirements.ts';
import { forge, unixSeconds } from '../tokens.ts';
import type { NamedTransport, Transport, TransportName } from '../wire.ts';

const VIEWER: OperationRequest = { query: '{ viewer { id unitId role isAdmin } }' };

const ALL: readonly NamedTransport[] = [
  ['WebSocket', overWebSocket],
  ['SSE', overSse],
  ['SSE for many', overSseForMany],
  ['HTTP', overHttp],
];

export async function examineIdentity(bench: Bench): Promise<void> {
  await withoutToken(bench);
  await examineForgeries(bench);
  await examineMisfits(bench);
  await examineElsewhere(bench);
  await examineViewers(bench);
}

/** Every field of the API, without a token. */
async function withoutToken(bench: Bench): Promise<void> {
  const { schema } = bench.domain;
  const subscriptions = subscriptionFields(schema).map(({ name }) => ({
    query: `subscription { ${name} { id } }`,
  }));
  const queries = Object.values(schema.getQueryType()?.getFields() ?? {}).map(({ name }) => ({
    query: `{ ${name} { id } }`,
  }));
  for (const [name, open] of ALL)
    await expectRefused(bench, 'AUT-1', {
      what: 'no token',
      name,
      open,
      token: undefined,
      requests: name === 'HTTP' ? queries : subscriptions,
    });
}

interface Attempt {
  readonly what: string;
  readonly name: TransportName;
  readonly open: Transport;
  readonly token: string | undefined;
  readonly requests: readonly OperationRequest[];
}

/** What a refused token is answered by: a code of errors, or how the socket is closed. */
const REFUSALS: readonly (string | number)[] = ['UNAUTHENTICATED', 4401, 4403];

async function expectRefused(bench: Bench, id: RequirementId, attempt: Attempt): Promise<void> {
  const { wire, findings } = bench;
  const run = await attempt.open(wire, attempt.token, attempt.requests);
  await wire.news.until(
    () => run.operations.every(({ answers, end }) => answers.length > 0 || end),
    wire.patienceMs,
  );
  for (const operation of run.operations) {
    const said = [...errorsOf(operation).map(({ code }) => code), operation.end?.by ?? 'nothing'];
    findings.add(id, {
      what: attempt.what,
      transport: attempt.name,
      sent: operation.request.query,
      expected: 'UNAUTHENTICATED, or the socket closed with 4401; no data',
      got: describeOutcome(operation),
      isGood: said.some((code) => REFUSALS.includes(code)) && hasNoData(operation),
    });
  }
  run.close();
}

/** A query that failed has `null` for its field. */
const hasNoData = ({ answers }: Parameters<typeof eventsOf>[0]): boolean =>
  answers.every(({ data }) => Object.values(data ?? {}).every((value) => value === null));

async function examineForgeries(bench: Bench): Promise<void> {
  const [viewer] = bench.people.viewers;
  if (viewer === undefined) return;
  for (const { what, token } of forge(viewer.token, bench.known.tokenForm))
    for (const [name, open] of ALL)
      await expectRefused(bench, 'AUT-2', { what, name, open, token, requests: [VIEWER] });
}

/** Tokens that are signed as they should be, and must be refused all the same. */
async function examineMisfits(bench: Bench): Promise<void> {
  const { mint, findings, people, known } = bench;
  const [viewer] = people.viewers;
  if (mint === undefined || viewer === undefined) {
    findings.notShown('AUT-3', NO_MINT);
    return;
  }
  const { issuer, audience, claims, algorithm } = known.tokenForm;
  const now = unixSeconds();
  const far = known.leewaySeconds + 60;
  const misfits: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['expired', { exp: now - far }],
    ['without an end', { exp: undefined }],
    ['not yet good', { nbf: now + far }],
    ['issued in the future', { iat: now + far }],
    ['a refresh token', { token_type: 'refresh' }],
    ['of no type', { token_type: undefined }],
    ['of no user', { [claims.user]: undefined }],
    ['of a unit that can be none', { [claims.unit]: '*' }],
    ...(issuer === undefined ? [] : ([['of another issuer', { iss: 'https://elsewhere.example' }]] as const)),
    ...(audience === undefined ? [] : ([['for another audience', { aud: 'elsewhere' }]] as const)),
  ];
  const made = misfits.map(([what, changes]) => ({ what, token: mint.make(viewer, changes) }));
  const other = algorithm === 'HS512' ? 'HS384' : 'HS512';
  const all = [
    ...made,
    { what: `signed by ${other}, which is not accepted`, token: mint.makeBy(other, viewer) },
  ];
  for (const { what, token } of all)
    for (const [name, open] of ALL)
      await expectRefused(bench, 'AUT-3', { what, name, open, token, requests: [VIEWER] });
}

/** A good token in another place than the documented ones. */
async function examineElsewhere({ wire, people, findings }: Bench): Promise<void> {
  const [viewer] = people.viewers;
  if (viewer === undefined) return;
  const { token } = viewer;
  const inUrl = new URL(wire.url);
  for (const name of ['token', 'access_token', 'authorization']) inUrl.searchParams.set(name, token);
  const cookie = `access_token=${token}; authorization=Bearer ${token}`;
  const trials = [
    { what: 'in the URL', answer: callHttp({ ...wire, url: inUrl }, undefined, VIEWER) },
    { what: 'in a cookie', answer: callHttp(wire, undefined, VIEWER, { cookie }) },
    {
      what: 'in the body',
      answer: callHttp(wire, undefined, { ...VIEWER, extensions: { authorization: `Bearer ${token}` } }),
    },
  ];
  for (const { what, answer } of trials) {
    const { status } = await answer;
    findings.add('AUT-4', {
      what,
      viewer: viewer.name,
      transport: 'HTTP',
      sent: VIEWER.query,
      expected: '401',
      got: `${status}`,
      isGood: status === 401,
    });
  }
  const socket = await openSocketClient({ ...wire, url: inUrl }, {});
  findings.add('AUT-4', {
    what: 'in the URL',
    viewer: viewer.name,
    transport: 'WebSocket',
    expected: 'closed with 4401',
    got: socket.closed === undefined ? socket.state : `closed with ${socket.closed.by}`,
    isGood: socket.closed?.by === 4401,
  });
  socket.close();
}

async function examineViewers({ wire, people, findings }: Bench): Promise<void> {
  for (const { name, token, userId, unitId, role, classes } of people.viewers) {
    const due = {
      id: userId,
      unitId,
      isAdmin: classes.includes('ADMIN'),
      ...(role !== undefined && { role }),
    };
    const socket = await openSocketClient(wire, initOf(token));
    const overSocket = socket.run(VIEWER);
    await wire.news.until(() => overSocket.end !== undefined, wire.patienceMs);
    const { operations } = await overHttp(wire, token, [VIEWER]);
    const said = [
      ['WebSocket', overSocket],
      ['HTTP', operations[0]],
    ] as const;
    for (const [transport, operation] of said) {
      const viewer = operation === undefined ? {} : (eventsOf(operation)[0] ?? {});
      const wrong = Object.entries(due).filter(([key, value]) => viewer[key] !== value);
      findings.add('AUT-5', {
        what: 'the viewer’s id, unit, role and whether all units are seen',
        viewer: name,
        transport,
        sent: VIEWER.query,
        expected: JSON.stringify(due),
        got: wrong.length === 0 ? 'the same' : `${JSON.stringify(viewer)}`,
        isGood: wrong.length === 0,
      });
    }
    socket.close();
  }
}
