import type { DialectName } from './load/dialects.ts';
import { startProgram } from './support/processes.ts';
import { freePort } from './support/redis.ts';
import { type ProcessUsage, usageOf } from './support/usage.ts';

/**
 * The systems to compare: this server, the same with `COMPRESSION`, the same with two `WORKERS`, the minimum that `ws` can do, a server of
 * the same purpose in Go, and the stock stack.
 */
export const SYSTEM_NAMES = ['ours', 'compressed', 'workers', 'bare', 'centrifugo', 'stock'] as const;
export type SystemName = (typeof SYSTEM_NAMES)[number];

export const TITLES: Readonly<Record<SystemName, string>> = {
  ours: 'dms-live',
  compressed: 'dms-live, compressed',
  workers: 'dms-live, two workers',
  bare: 'bare `ws`',
  centrifugo: 'Centrifugo',
  stock: 'stock Yoga stack',
};

/** A server under test, in its own process. */
export interface System {
  readonly name: SystemName;
  readonly port: number;
  readonly dialect: DialectName;
  readonly pid: number;
  readonly usage: ProcessUsage;
  stop(): Promise<void>;
}

export const SECRET = 'a secret for benchmarks, long enough for HS256';

const ENTRIES: Readonly<Record<SystemName, string>> = {
  ours: 'dist/main.js',
  compressed: 'dist/main.js',
  workers: 'dist/main.js',
  bare: 'dist/bench/peers/bare.js',
  centrifugo: 'dist/bench/peers/centrifugo.js',
  stock: 'dist/bench/peers/stock.js',
};

/** The path of Centrifugo's binary, if there is one. */
export const CENTRIFUGO = process.env['CENTRIFUGO'];

export interface SystemOptions {
  readonly redisUrl: string;
  /** The folder in which servers leave a CPU profile when they stop. Default: none. */
  readonly profileFolder?: string | undefined;
}

/** Our server runs as in production, with everything on: authorization, validation, limits, log, metrics. */
export async function startSystem(
  name: SystemName,
  { redisUrl, profileFolder }: SystemOptions,
): Promise<System> {
  const flags =
    profileFolder === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}.cpuprofile`];
  const program = startProgram(process.execPath, [...flags, ENTRIES[name]], {
    NODE_ENV: 'production',
    PORT: '0',
    REDIS_URL: redisUrl,
    JWT_SECRET: SECRET,
    ...(name === 'compressed' && { COMPRESSION: 'true' }),
    ...(name === 'workers' && { WORKERS: '2', PORT: String(await freePort()) }),
    ...(CENTRIFUGO !== undefined && { CENTRIFUGO }),
  });
  const port = Number(await program.says(/"url":"http:\/\/127\.0\.0\.1:(\d+)"/));
  if (name !== 'centrifugo')
    return {
      name,
      port,
      dialect: name === 'compressed' ? 'compressed' : 'graphql',
      pid: program.pid,
      usage: usageOf(program.pid),
      stop: program.stop,
    };
  const pid = Number(await program.says(/"pid":(\d+)/)); // the program beside it passes events on to it
  return { name, port, dialect: 'centrifugo', pid, usage: usageOf(pid), stop: program.stop };
}
