import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../config/config.ts';
import type { Environment } from '../config/reader.ts';
import { createLogger, type Logger, reportUnhandledRejections } from '../log.ts';
import { describeStartFault, StartError } from '../start-fault.ts';
import { untilSignal } from '../until-signal.ts';
import type { Crew } from './crew.ts';
import { type Crews, createCrews, type Settings } from './crews.ts';
import { createProbePort, type ProbePort } from './probe-port.ts';

/** How long new workers may take to be ready before the old ones leave, in milliseconds, and how often they are asked. */
const READY_MS = 30_000;
const ASK_MS = 100;

/**
 * Runs several workers on one port, until SIGTERM or SIGINT. SIGHUP reads the settings again, and replaces all workers: the old
 * ones leave one after the other when the new ones are ready.
 * @param readAgain returns the environment as it is now.
 * @throws when the workers cannot start, or cannot live.
 */
export async function supervise(first: Settings, readAgain: () => Environment): Promise<void> {
  const log = createLogger(first.config.logLevel);
  reportUnhandledRejections(log);
  for (const warning of first.config.warnings) log.warn(warning);
  const stopSignal = untilSignal(log);
  let giveUp = (_error: Error): void => undefined;
  const hopeless = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  const crews = createCrews(log, () =>
    giveUp(new StartError('The workers die again and again; the log says how.')),
  );
  const probes = createProbePort(crews.answers, log);

  let reloading = Promise.resolve();
  const onReload = (): void => {
    if (crews.current === undefined) return; // the settings have just been read
    reloading = reloading.then(() => reload(readAgain, crews, probes, log));
  };
  process.on('SIGHUP', onReload);
  try {
    await probes.listen(first.config);
    await Promise.race([start(crews, first).then(() => stopSignal), stopSignal, hopeless]);
    await crews.stop();
    log.info('all workers have stopped');
  } finally {
    await crews.kill();
    await reloading; // or it would open the port of the metrics after this
    await probes.close();
    process.off('SIGHUP', onReload);
  }
}

async function start(crews: Crews, settings: Settings): Promise<void> {
  const crew = crews.hire(settings);
  await crew.start();
  crews.current = crew;
}

/** Replaces the workers, or reports why it cannot. */
async function reload(
  readAgain: () => Environment,
  crews: Crews,
  probes: ProbePort,
  log: Logger,
): Promise<void> {
  if (crews.isStopping) return;
  log.info('reading the settings again');
  try {
    const environment = readAgain();
    const config = readConfig(environment, { needsRedis: true });
    for (const warning of config.warnings) log.warn(warning);
    await replace({ environment, config }, crews, probes);
    log.level = config.logLevel;
    log.info('all workers have been replaced');
  } catch (error) {
    if (crews.isStopping) return;
    log.error({ reason: describeStartFault(error) }, 'the new workers cannot start: the old ones go on');
  }
}

/** @throws when the new workers cannot take over; then the old ones go on. */
async function replace(settings: Settings, crews: Crews, probes: ProbePort): Promise<void> {
  const fresh = crews.hire(settings);
  try {
    await fresh.start();
    await untilReady(fresh, crews);
    await probes.listen(settings.config);
  } catch (error) {
    await fresh.stop(); // they may have clients
    crews.dismiss(fresh);
    throw error;
  }
  const old = crews.current;
  crews.current = fresh;
  if (old === undefined) return;
  await old.leave();
  crews.dismiss(old);
}

/** @throws {StartError} when they are not ready in time, or the server stops. */
async function untilReady({ workers, size }: Crew, crews: Crews): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const all = await Promise.all([...workers].map((worker) => worker.readiness()));
    if (crews.isStopping) throw new StartError('The server stops.');
    const unready = all.find(({ ready }) => !ready);
    if (unready === undefined && all.length === size) return; // those that died are not ready either
    if (performance.now() > deadline)
      throw new StartError(`The new workers are not ready: ${unready?.reason ?? 'some have died'}`);
    await pause(ASK_MS);
  }
}
