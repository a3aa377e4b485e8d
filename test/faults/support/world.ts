import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { type Program, useProgram } from '../../support/process.ts';
import { until } from '../../support/redis.ts';
import { SECRET, signToken } from '../../support/tokens.ts';
import { FLAWLESS, judge, type Recording, type Verdict } from './recording.ts';
import type { RecordingClient, Route } from './recording-client.ts';
import type { RecordingPublisher } from './recording-publisher.ts';

/** A server of ours as a process. */
export interface LiveServer {
  readonly url: string;
  readonly program: Program;
}

export async function useServer(
  redisUrl: string,
  settings: Record<string, string> = {},
): Promise<LiveServer> {
  const program = useProgram('main.js', {
    REDIS_URL: redisUrl,
    JWT_SECRET: SECRET,
    PORT: '0',
    SHUTDOWN_SECONDS: '3',
    ...settings,
  });
  const [, url = ''] = await program.says(/"url":"(http[^"]+)"/);
  return { url, program };
}

/** Leads clients to these servers in turn. */
export function routeTo(...servers: readonly LiveServer[]): Route {
  let turn = 0;
  return () => {
    turn += 1;
    return servers[turn % servers.length]?.url ?? '';
  };
}

/** A token of someone of a unit. */
export const tokenOf = (unit: string): Promise<string> =>
  signToken({ user_id: `of-${unit}`, unit_id: unit, role: 'Section Head' });

export const adminToken = (): Promise<string> =>
  signToken({ user_id: 'admin', unit_id: '1', role: 'System Admin' });

/** Waits until every operation has a position: from then on nothing may be lost. */
export async function untilLive(clients: readonly RecordingClient[]): Promise<void> {
  await until(() => recordingsOf(clients).every(({ cursor }) => cursor !== undefined));
}

/** How long the last events may take to arrive, in milliseconds; then what is missing counts as lost. */
const PATIENCE_MS = 15_000;

/** Waits until all that was published has been heard, and holds every client's sequence against it. */
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
    stretches: stretches.map((heard) => ({ heard: heard.length, from: heard[0], to: heard.at(-1) })),
    strangers: foreign.slice(0, 3),
  };
}

/** Nothing went wrong that nobody expected. */
export function expectCalm(servers: readonly LiveServer[]): void {
  for (const { program } of servers) {
    const faults = program.output
      .split('\n')
      .filter((line) => /unhandled|uncaught|"level":(50|60)/i.test(line));
    expect(faults).toEqual([]);
  }
}

export const recordingsOf = (clients: readonly RecordingClient[]) =>
  clients.flatMap(({ recordings }) => recordings);
