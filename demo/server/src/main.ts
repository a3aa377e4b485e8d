import { ConfigError } from 'dms-live';
import { startDjangoDemo } from './django/start-django-demo.ts';
import { readDemoConfig, startDemo } from './start-demo.ts';

const STOPPED_BY_SIGNAL = 130;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

// While it starts: what has been started goes down with this process.
const giveUp = (): void => process.exit(STOPPED_BY_SIGNAL);
for (const signal of SIGNALS) process.once(signal, giveUp);

try {
  const isDjango = process.argv.includes('--django');
  const demo = await (isDjango ? startDjangoDemo(process.env) : startDemo(readDemoConfig(process.env)));
  for (const signal of SIGNALS) process.off(signal, giveUp).once(signal, () => void demo.close());
  process.stdout.write(`${demo.greeting}\n`);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigError) return error.message;
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `Port ${error.port} is taken. Choose another: PORT=${Number(error.port) + 1} npm run demo`;
  }
  return error.stack ?? error.message;
}
