import { type Config, readConfig } from './config/config.ts';
import type { Environment } from './config/reader.ts';
import { createLogger, reportUnhandledRejections } from './log.ts';
import { describeStartFault } from './start-fault.ts';
import { untilSignal } from './until-signal.ts';
import { supervise } from './workers/supervisor.ts';

/**
 * Runs the server until SIGTERM or SIGINT: as this process, or with `WORKERS` as several.
 * @param readAgain returns the environment as it is now, for workers that start later.
 * @returns the exit code: 0 once it has stopped, 1 if it could not start; then standard error says why.
 */
export async function runServer(environment: Environment, readAgain = () => environment): Promise<number> {
  try {
    const config = readConfig(environment, { needsRedis: true });
    if (config.workers === undefined) await runAlone(config);
    else await supervise({ config, environment }, readAgain);
    return 0;
  } catch (error) {
    process.stderr.write(`${describeStartFault(error)}\n`);
    return 1;
  }
}

async function runAlone(config: Config): Promise<void> {
  const log = createLogger(config.logLevel);
  const stopped = untilSignal(log); // before all else: loading takes a while
  const { startApp } = await import('./app.ts'); // a supervisor does without its memory
  reportUnhandledRejections(log);
  const app = await startApp(config, log);
  await stopped;
  await app.close();
}
