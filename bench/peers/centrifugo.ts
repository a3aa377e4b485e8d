/**
 * Centrifugo (6) from the binary that `CENTRIFUGO` names, with history and recovery in Redis, and tokens that it verifies. Events come by
 * Redis as to all systems; this program passes them on to its HTTP API. The CPU time that counts is Centrifugo's own.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../support/redis.ts';
import { REDIS_URL } from './peer.ts';

const POLL_MS = 50;
const AT_A_TIME = 500;

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const key = randomUUID();
const folder = mkdtempSync(join(tmpdir(), 'centrifugo-'));
const file = join(folder, 'config.json');
writeFileSync(
  file,
  JSON.stringify({
    http_server: { address: '127.0.0.1', port },
    health: { enabled: true },
    client: { token: { hmac_secret_key: process.env['JWT_SECRET'] } },
    http_api: { key },
    engine: { type: 'redis', redis: { address: REDIS_URL } },
    channel: {
      namespaces: [
        {
          name: 'dms',
          allow_subscribe_for_client: true,
          history_size: 10_000,
          history_ttl: '24h',
          force_recovery: true,
        },
      ],
    },
  }),
);

const server = spawn(process.env['CENTRIFUGO'] ?? 'centrifugo', ['--config', file], { stdio: 'inherit' });
server.on('error', (error) => {
  process.stderr.write(`Centrifugo cannot be started: ${error.message}\n`);
  process.exit(1);
});
server.on('exit', () => process.exit(1));
process.on('exit', () => {
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function isHealthy(): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false; // it does not listen yet
  }
}
while (!(await isHealthy())) await pause(POLL_MS);

interface Command {
  readonly publish: { readonly channel: string; readonly data: unknown };
}
let waiting: Command[] = [];
let isSending = false;

async function send(): Promise<void> {
  if (isSending) return;
  isSending = true;
  while (waiting.length > 0) {
    const commands = waiting.slice(0, AT_A_TIME);
    waiting = waiting.slice(AT_A_TIME);
    const headers = { 'content-type': 'application/json', 'x-api-key': key };
    const answer = await fetch(`${url}/api/batch`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ commands }),
    });
    if (!answer.ok) throw new Error(`Centrifugo takes no events: ${answer.status}`);
    await answer.text();
  }
  isSending = false;
}

const subscriber = new Redis(REDIS_URL);
subscriber.on('pmessage', (_pattern: string, channel: string, message: string) => {
  waiting.push({ publish: { channel, data: JSON.parse(message) } });
  setImmediate(() => void send());
});
await subscriber.psubscribe('dms:request:*');
process.stdout.write(`${JSON.stringify({ url, pid: server.pid })}\n`);
