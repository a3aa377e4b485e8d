import cluster from 'node:cluster';
import { type App, startApp } from '../app.ts';
import { readConfig } from '../config/config.ts';
import type { Readiness } from '../health.ts';
import { createLogger, reportUnhandledRejections } from '../log.ts';
import { describeStartFault } from '../start-fault.ts';
import type { MetricsText } from '../transport/probes.ts';
import { openChannel } from './channel.ts';
import { createSignal } from './signal.ts';

/**
 * The server as one of several processes on a port: `node worker.js NUMBER`. The supervisor starts it, with settings that it has
 * checked.
 */

/** The supervisor asks all workers before it answers. */
const ALL_ANSWER_MS = 5000;
/** The supervisor opens the doors when all workers are prepared, or ends those that wait. */
const DOORS_MS = 600_000;
const STARTING: Readiness = { ready: false, reason: 'starting' };

const config = readConfig(process.env, { needsRedis: true });
const log = createLogger(config.logLevel, { worker: Number(process.argv[2]) });
let app: App | undefined;
let stopping: Promise<void> | undefined;
/** Rejects when this worker is stopped: one that waits for the doors then closes what it has opened. */
const doors = createSignal();

const answers = {
  alive: () => true,
  readiness: () => app?.readiness() ?? STARTING,
  metrics: () => app?.metricsAsJson() ?? [],
};
const supervisor = openChannel(process, answers, {
  stopListening: () => app?.stopListening(),
  stop,
});

function stop(): void {
  stopping ??= finish();
}

async function finish(): Promise<void> {
  doors.reject(new Error('The worker was stopped before it listened.'));
  const running = await opened.catch(() => undefined); // what did not start has closed itself
  await running?.close();
  await supervisor.say('lastMetrics', await answers.metrics());
  process.exit(0);
}

/** Leaves by itself: the others take the connections. */
function leave(): void {
  app?.stopListening();
  stop();
}

reportUnhandledRejections(log);
process.on('SIGHUP', () => undefined); // a terminal sends it to all processes, and it is meant for the supervisor
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, leave);
cluster.worker?.once('disconnect', () => {
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true; // or Node ends this process at once
  if (stopping === undefined) log.error('the supervisor is gone: stopping');
  leave();
});

const opened = startApp({ ...config, warnings: [] }, log, {
  probes:
    config.metrics === undefined
      ? {
          readiness: () => supervisor.ask<Readiness>('readiness', ALL_ANSWER_MS),
          metrics: () => supervisor.ask<MetricsText>('metrics', ALL_ANSWER_MS),
        }
      : 'elsewhere',
  isOneOfSeveral: (config.workers ?? 1) > 1,
  beforeListening: () => Promise.race([supervisor.ask<void>('mayListen', DOORS_MS), doors.promise]),
});
try {
  app = await opened;
  await supervisor.say('listening');
} catch (error) {
  if (stopping === undefined) {
    await supervisor.say('failed', describeStartFault(error));
    process.exit(1);
  }
}
