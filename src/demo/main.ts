import { ConfigError } from '../config.ts';
import { readDemoConfig, startDemo } from './start-demo.ts';

try {
  const config = readDemoConfig(process.env);
  const demo = await startDemo(config).catch((error: unknown) => {
    throw isPortTaken(error)
      ? `Port ${config.port} is taken. Choose another: PORT=${config.port + 1} npm run demo`
      : error;
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void demo.close());
  process.stdout.write(`${demo.greeting}\n`);
} catch (error) {
  const reason = error instanceof ConfigError ? error.message : error;
  process.stderr.write(`${reason instanceof Error ? reason.stack : reason}\n`);
  process.exitCode = 1;
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
