import { type Bench, NO_MINT } from '../bench.ts';
import { errorsOf } from '../operation.ts';
import { initOf, openSocketClient } from '../over-websocket.ts';
import type { Viewer } from '../people.ts';
import { eventsOf } from '../received.ts';
import type { RequirementId } from '../requirements.ts';
import { forge } from '../tokens.ts';

/** renewSession, over a socket of its own for each attempt. */
export async function examineRenewals(bench: Bench): Promise<void> {
  const { people, findings, mint, known } = bench;
  const viewer = people.viewers.find(({ unitId }) => unitId !== null);
  const other = people.viewers.find(({ userId }) => userId !== viewer?.userId);
  if (
    bench.domain.schema.getMutationType()?.getFields()['renewSession'] === undefined ||
    viewer === undefined
  ) {
    findings.notShown('SES-5', 'the schema has no renewSession');
    return;
  }
  await renew(bench, viewer, { id: 'SES-5', what: 'by the same token', token: viewer.token, due: 'good' });
  if (other !== undefined)
    await renew(bench, viewer, {
      id: 'SES-5',
      what: 'by a token of another user',
      token: other.token,
      due: 'FORBIDDEN',
    });
  const [forged] = forge(viewer.token, known.tokenForm);
  if (forged !== undefined)
    await renew(bench, viewer, {
      id: 'SES-5',
      what: 'by a forgery',
      token: forged.token,
      due: 'UNAUTHENTICATED',
    });
  if (mint === undefined) {
    findings.notShown('SES-4', `a renewal by a token of another unit: ${NO_MINT}`);
    return;
  }
  const moved = mint.make({ ...viewer, unitId: 'validate-moved' });
  const promoted = mint.make({ ...viewer, role: 'validate: another role' });
  await renew(bench, viewer, {
    id: 'SES-4',
    what: 'a renewal by a token of another unit',
    token: moved,
    due: 4403,
  });
  await renew(bench, viewer, {
    id: 'SES-4',
    what: 'a renewal by a token of another role',
    token: promoted,
    due: 4403,
  });
}

interface Renewal {
  readonly id: RequirementId;
  readonly what: string;
  readonly token: string;
  /** `good`, the code of an error, or how the socket is closed. */
  readonly due: string | number;
}

async function renew(
  { wire, findings }: Bench,
  viewer: Viewer,
  { id, what, token, due }: Renewal,
): Promise<void> {
  const socket = await openSocketClient(wire, initOf(viewer.token));
  const operation = socket.run({
    query: 'mutation ($token: String!) { renewSession(token: $token) { id } }',
    variables: { token },
  });
  const isOver = (): boolean =>
    typeof due === 'number'
      ? socket.closed !== undefined
      : operation.answers.length > 0 || operation.end !== undefined;
  await wire.news.until(isOver, wire.patienceMs);
  const [code] = errorsOf(operation).map((error) => error.code);
  const said =
    typeof due === 'number'
      ? socket.closed?.by
      : (code ?? (eventsOf(operation).length > 0 ? 'good' : 'nothing'));
  findings.add(id, {
    what,
    viewer: viewer.name,
    transport: 'WebSocket',
    sent: operation.request.query,
    expected: typeof due === 'number' ? `closed with ${due}` : due,
    got: `${said ?? 'goes on'}`,
    isGood: said === due,
  });
  socket.close();
}
