/** The end of sessions: by their tokens, by revocations, by changes, by renewals. */
import { type Bench, NO_MINT, NOT_REVOKED } from '../bench.ts';
import { describeOutcome, errorsOf, type Operation, type OperationRequest } from '../operation.ts';
import { overHttp } from '../over-http.ts';
import type { Viewer } from '../people.ts';
import type { Whose } from '../publishing.ts';
import type { RequirementId } from '../requirements.ts';
import { claimsOf, type TokenMint, unixSeconds } from '../tokens.ts';
import type { Run, TransportName } from '../wire.ts';
import { followRequest, STREAMING } from './following.ts';
import { examineRenewals } from './renewals.ts';

const VIEWER: OperationRequest = { query: '{ viewer { id } }' };

export async function examineSessions(bench: Bench): Promise<void> {
  const { findings, people, mint, drills } = bench;
  const expiring = examineExpiry(bench); // takes as long as the token lasts; the others run meanwhile
  const shaken = people.viewers.find(({ spareToken, unitId }) => spareToken !== undefined && unitId !== null);
  await examineRenewals(bench);
  await examineRevokedToken(bench, shaken);
  await expiring;
  const sacrificed = people.viewers.find(({ mayBeRevoked, unitId }) => mayBeRevoked && unitId !== null);
  await examineRevokedUser(bench, sacrificed, 'CHANGED');
  await examineRevokedUser(bench, sacrificed, 'REVOKED');
  if (!drills.includes('faults')) findings.notShown('SES-6', 'it is a drill: --drills faults');
  else if (mint === undefined || shaken === undefined) findings.notShown('SES-6', NO_MINT);
  else await examineLostMessage(bench, mint.make(shaken));
}

/** A connection over each transport, which follows something of the viewer's own. */
interface Open {
  readonly transport: TransportName;
  readonly run: Run;
  readonly operation: Operation;
}

async function openAll(bench: Bench, token: string): Promise<readonly Open[]> {
  const request = followRequest(bench);
  const opened = await Promise.all(
    STREAMING.map(async ([transport, open]) => ({
      transport,
      run: await open(bench.wire, token, [request]),
    })),
  );
  return opened.flatMap(({ transport, run }) => {
    const [operation] = run.operations;
    return operation === undefined ? [] : [{ transport, run, operation }];
  });
}

const closeAll = (opened: readonly Open[]): void => {
  for (const { run } of opened) run.close();
};

/** Until all are over. @returns when each ended, by `performance.now()`. */
async function untilOver(bench: Bench, opened: readonly Open[], patienceMs: number): Promise<void> {
  await bench.wire.news.until(() => opened.every(({ operation }) => operation.end !== undefined), patienceMs);
}

interface Expected {
  readonly what: string;
  readonly viewer: Viewer | undefined;
  /** By `performance.now()`. */
  readonly from: number;
  readonly mostMs: number;
  /** How a WebSocket is closed. */
  readonly code: number;
}

/** Each must have ended, in time, and for the documented reason. */
function judgeEnds(
  { findings }: Bench,
  id: RequirementId,
  opened: readonly Open[],
  expected: Expected,
): void {
  const { what, viewer, from, mostMs, code } = expected;
  for (const { transport, operation } of opened) {
    const ms = operation.end === undefined ? undefined : Math.round(operation.end.at - from);
    const codes = errorsOf(operation).map((error) => error.code);
    const isRight =
      transport === 'WebSocket' ? operation.end?.by === code : codes.includes('UNAUTHENTICATED');
    findings.add(id, {
      what,
      viewer: viewer?.name,
      transport,
      expected: `${transport === 'WebSocket' ? `closed with ${code}` : 'UNAUTHENTICATED'} within ${mostMs} ms`,
      got: ms === undefined ? 'goes on' : `${describeOutcome(operation)} after ${ms} ms`,
      isGood: ms !== undefined && ms <= mostMs && ms >= -SKEW_MS && isRight,
      ms,
    });
  }
}

/** How far the clocks of this machine and of the server may differ, in milliseconds. */
const SKEW_MS = 1000;
const EXPIRES_IN_SECONDS = 2;
const MOST_SECONDS = 30;

async function examineExpiry(bench: Bench): Promise<void> {
  const { mint, people, findings, known } = bench;
  const viewer = people.viewers.find(({ unitId }) => unitId !== null);
  if (mint === undefined || viewer === undefined) {
    findings.notShown('SES-1', NO_MINT);
    return;
  }
  const { token, exp, opened } = await openExpiring(bench, mint, viewer, EXPIRES_IN_SECONDS);
  const from = performance.now() + exp * 1000 - Date.now();
  const mostMs = known.leewaySeconds * 1000 + bench.promptMs;
  await untilOver(bench, opened, exp * 1000 - Date.now() + mostMs);
  judgeEnds(bench, 'SES-1', opened, { what: 'a token that has expired', viewer, from, mostMs, code: 4403 });
  closeAll(opened);
  await expectNoEntry(bench, 'SES-1', viewer, token);
}

/** Connections with a token that is good for some seconds: for more of them, where that was too short to connect. */
async function openExpiring(bench: Bench, mint: TokenMint, viewer: Viewer, seconds: number) {
  const exp = unixSeconds() + seconds;
  const token = mint.make(viewer, { exp });
  const opened = await openAll(bench, token);
  await untilLive(bench, opened);
  if (Date.now() < exp * 1000 || seconds > MOST_SECONDS) return { token, exp, opened };
  closeAll(opened);
  return openExpiring(bench, mint, viewer, 4 * seconds);
}

/** Nobody signs in with this token. */
async function expectNoEntry(bench: Bench, id: RequirementId, viewer: Viewer, token: string): Promise<void> {
  const { operations } = await overHttp(bench.wire, token, [VIEWER]);
  const [operation] = operations;
  bench.findings.add(id, {
    what: 'signing in again with the same token',
    viewer: viewer.name,
    transport: 'HTTP',
    sent: VIEWER.query,
    expected: 'UNAUTHENTICATED',
    got: operation === undefined ? 'nothing' : describeOutcome(operation),
    isGood: operation !== undefined && errorsOf(operation).some(({ code }) => code === 'UNAUTHENTICATED'),
  });
}

/** One of two tokens is revoked: the other one must go on. */
async function examineRevokedToken(bench: Bench, viewer: Viewer | undefined): Promise<void> {
  const { revoker, findings, wire, promptMs } = bench;
  const jti = claimsOf(viewer?.spareToken ?? '')['jti'];
  if (revoker === undefined || viewer?.spareToken === undefined || typeof jti !== 'string') {
    const reason = 'it needs a viewer with a second token that has a jti: spareTokenFile, or --secret-file';
    findings.notShown('SES-2', revoker === undefined ? NOT_REVOKED : reason);
    return;
  }
  const opened = await openAll(bench, viewer.spareToken);
  const others = await openAll(bench, viewer.token);
  await untilLive(bench, [...opened, ...others]);
  const from = performance.now();
  await revoker.revoke({ action: 'REVOKED', whose: 'jti', id: jti });
  await untilOver(bench, opened, wire.patienceMs + promptMs);
  const what = 'a token that was revoked';
  judgeEnds(bench, 'SES-2', opened, { what, viewer, from, mostMs: promptMs, code: 4401 });
  for (const { transport, operation } of others)
    findings.add('SES-2', {
      what: 'another token of the same user',
      viewer: viewer.name,
      transport,
      expected: 'goes on',
      got: operation.end === undefined ? 'goes on' : describeOutcome(operation),
      isGood: operation.end === undefined,
    });
  closeAll([...opened, ...others]);
  await expectNoEntry(bench, 'SES-2', viewer, viewer.spareToken);
}

/** Until each has a position, which a server sends once a subscription is open, or is over. */
async function untilLive(bench: Bench, opened: readonly Open[]): Promise<void> {
  await bench.wire.news.until(
    () => opened.every(({ operation }) => operation.cursor !== undefined || operation.end !== undefined),
    bench.wire.patienceMs,
  );
}

async function examineRevokedUser(
  bench: Bench,
  viewer: Viewer | undefined,
  action: Whose['action'],
): Promise<void> {
  const { revoker, findings, people, wire, promptMs, mint } = bench;
  const id = action === 'REVOKED' ? 'SES-3' : 'SES-4';
  if (revoker === undefined || viewer === undefined) {
    const reason = 'no viewer may be revoked: mayBeRevoked';
    findings.notShown(id, revoker === undefined ? NOT_REVOKED : reason);
    return;
  }
  // After a change the token of before is refused: only a new one can be revoked then.
  const token =
    action === 'CHANGED' || mint === undefined ? viewer.token : mint.make(viewer, { iat: unixSeconds() + 1 });
  if (action === 'REVOKED' && mint === undefined) {
    findings.notShown(id, NO_MINT);
    return;
  }
  if (action === 'REVOKED') await bench.wire.news.until(() => false, 1100); // until that second has begun
  const bystander = people.viewers.find(({ userId }) => userId !== viewer.userId);
  const opened = await openAll(bench, token);
  const others = bystander === undefined ? [] : await openAll(bench, bystander.token);
  await untilLive(bench, [...opened, ...others]);
  const from = performance.now();
  await revoker.revoke({ action, whose: 'user', id: viewer.userId });
  await untilOver(bench, opened, wire.patienceMs + promptMs);
  const what = action === 'REVOKED' ? 'a user who was revoked' : 'a user who has changed';
  const code = action === 'REVOKED' ? 4401 : 4403;
  judgeEnds(bench, id, opened, { what, viewer, from, mostMs: promptMs, code });
  for (const { transport, operation } of others)
    findings.add(id, {
      what: 'another user',
      viewer: bystander?.name,
      transport,
      expected: 'goes on',
      got: operation.end === undefined ? 'goes on' : describeOutcome(operation),
      isGood: operation.end === undefined,
    });
  closeAll([...opened, ...others]);
  await expectNoEntry(bench, id, viewer, token);
}

async function examineLostMessage(bench: Bench, token: string): Promise<void> {
  const { revoker, findings, known } = bench;
  const jti = claimsOf(token)['jti'];
  if (revoker?.revokeSilently === undefined || typeof jti !== 'string') {
    findings.notShown('SES-6', 'only through Redis a message can be left out: give --redis');
    return;
  }
  const opened = await openAll(bench, token);
  await untilLive(bench, opened);
  const from = performance.now();
  const mostMs = known.revocationCheckSeconds * 1000 + bench.promptMs;
  await revoker.revokeSilently({ action: 'REVOKED', whose: 'jti', id: jti });
  await untilOver(bench, opened, mostMs);
  const what = 'a revocation of which no message came';
  judgeEnds(bench, 'SES-6', opened, { what, viewer: undefined, from, mostMs, code: 4401 });
  closeAll(opened);
}
