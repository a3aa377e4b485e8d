import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { type Program, useProgram } from '../../support/process.ts';
import { until } from '../../support/redis.ts';
import { SECRET, signToken } from '../../support/tokens.ts';
import { FLAWLESS, type Interest, judge, type Recording, type Verdict } from './recording.ts';
import type { RecordingClient, Route } from './recording-client.ts';
import { type PublishingHabits, type RecordingPublisher, usePublisher } from './recording-publisher.ts';
import { recordSocket } from './socket-client.ts';
import { recordStream } from './stream-client.ts';

/** One of our servers, as a process. */
export interface LiveServer {
  readonly url: string;
  readonly program: Program;
}

export async function useServer(
  redisUrl: string,
  settings: Record<string, string> = {},
  dist?: string,
): Promise<LiveServer> {
  const all = { REDIS_URL: redisUrl, JWT_SECRET: SECRET, PORT: '0', SHUTDOWN_SECONDS: '3', ...settings };
  const program = useProgram('main.js', all, dist);
  const [, url = ''] = await program.says(/"url":"(http[^"]+)"/);
  return { url, program };
}

/** Directs clients to these servers in turn. */
export function routeTo(...servers: readonly LiveServer[]): Route {
  let turn = 0;
  return () => {
    turn += 1;
    return servers[turn % servers.length]?.url ?? '';
  };
}

/** A token of a person in this unit, or of the `admin`. */
export function tokenOf(who: string): Promise<string> {
  return who === 'admin'
    ? signToken({ user_id: 'admin', unit_id: '1', role: 'System Admin' })
    : signToken({ user_id: `of-${who}`, unit_id: who, role: 'Section Head' });
}

/** A person of a unit, or `admin`, and the interest of each operation. */
type Follower<Interests extends readonly Interest[]> = readonly [who: string, ...interests: Interests];

export interface WorldPlan {
  /** Default 1. Clients connect to the servers in turn. */
  readonly servers?: number;
  readonly settings?: Record<string, string>;
  readonly sockets: readonly Follower<readonly Interest[]>[];
  readonly streams: readonly Follower<readonly [Interest]>[];
  readonly publishing?: PublishingHabits;
}

/** Servers on one Redis, clients with live subscriptions, and a publisher. */
export async function useWorld(redisUrl: string, plan: WorldPlan) {
  const servers: LiveServer[] = [];
  while (servers.length < (plan.servers ?? 1)) servers.push(await useServer(redisUrl, plan.settings));
  const route = routeTo(...servers);
  const clients: RecordingClient[] = [];
  for (const [who, ...interests] of plan.sockets)
    clients.push(recordSocket(route, await tokenOf(who), interests));
  for (const [who, interest] of plan.streams) clients.push(recordStream(route, await tokenOf(who), interest));
  await untilLive(clients);
  return { servers, clients, publisher: usePublisher(redisUrl, plan.publishing) };
}

/** Waits until every operation has a cursor. From then on no event may be lost. */
export async function untilLive(clients: readonly RecordingClient[]): Promise<void> {
  await until(() => recordingsOf(clients).every(({ cursor }) => cursor !== undefined));
}

/** The longest time that the last events may take to arrive, in milliseconds. Later, missing events count as lost. */
const PATIENCE_MS = 30_000;

/** Waits until everything that was published has been received, and compares it with the recording of every client. */
export async function expectFlawless(
  clients: readonly RecordingClient[],
  publisher: RecordingPublisher,
  servers: readonly LiveServer[],
  { mayExpire = false } = {},
): Promise<void> {
  const recordings = recordingsOf(clients);
  const deadline = Date.now() + PATIENCE_MS;
  await until(
    () =>
      Date.now() > deadline ||
      recordings.every(({ interest, newest }) =>
        interest.units.every((unit) => newest(unit) === publisher.published(interest.kind, unit)),
      ),
  );
  const flawed = recordings.filter(
    (recording) => !isDeepStrictEqual(verdictOn(recording, publisher), FLAWLESS),
  );
  expect(flawed.map((recording) => describe(recording, publisher))).toEqual([]);
  const codes = new Set(recordings.flatMap(({ errors }) => errors));
  codes.delete('SERVICE_UNAVAILABLE'); // Redis was away, and the client tried again
  expect([...codes]).toEqual([]);
  const expirations = recordings.reduce((sum, recording) => sum + recording.expirations, 0);
  if (!mayExpire) expect(expirations).toBe(0);
  expectCalm(servers);
}

function verdictOn(recording: Recording, publisher: RecordingPublisher): Verdict {
  return judge(recording, (unit) => publisher.published(recording.interest.kind, unit));
}

function describe(recording: Recording, publisher: RecordingPublisher) {
  const { interest, stretches, foreign } = recording;
  return {
    topic: `${interest.kind} ${interest.units}`,
    ...verdictOn(recording, publisher),
    published: interest.units.map((unit) => publisher.published(interest.kind, unit)),
    stretches: stretches.map((received) => ({
      received: received.length,
      from: received[0],
      to: received.at(-1),
    })),
    strangers: foreign.slice(0, 3),
  };
}

/** Expects no unexpected error in the logs. */
export function expectCalm(servers: readonly LiveServer[]): void {
  for (const { program } of servers) {
    const faults = program.output
      .split('\n')
      .filter((line) => /unhandled|uncaught|"level":(50|60)/i.test(line))
      .filter((line) => !line.includes('"trouble":"redis-')); // the tests cause this trouble, and the server must log it
    expect(faults).toEqual([]);
  }
}

export const recordingsOf = (clients: readonly RecordingClient[]) =>
  clients.flatMap(({ recordings }) => recordings);
