/** A token is seen by whoever checks it, and by nobody else: in no log line, error, close reason or probe. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { post, useClient, useStream } from '../support/clients.ts';
import { until } from '../support/redis.ts';
import { now, SECRET, signToken } from '../support/tokens.ts';

/** An app that logs everything, and without redaction: what is not handed to the log need not be hidden in it. */
async function useTalkativeApp(): Promise<{ app: App; lines: string[] }> {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const config = readConfig({ PORT: '0', JWT_SECRET: SECRET, SHUTDOWN_SECONDS: '1' }, { needsRedis: false });
  const app = await startApp(config, pino({ level: 'trace' }, destination));
  onTestFinished(app.close);
  return { app, lines };
}

const RENEW = 'mutation ($token: String!) { renewSession(token: $token) { id } }';
const STORAGE = 'subscription { storageUpdated { id } }';

test('a token is in no log line, answer or close reason, whatever becomes of it', async () => {
  const { app, lines } = await useTalkativeApp();
  const tokens = [
    await signToken({ user_id: 18 }),
    await signToken({ user_id: 18, exp: now() - 1 }),
    await signToken({ user_id: 18, token_type: 'refresh' }),
    await signToken({ user_id: 18, unit_id: '*' }),
    `${await signToken({ user_id: 18 })}x`,
    'secret-nonsense.that-is.no-token',
  ];
  const good = await signToken();
  const client = useClient(app, good);
  const answers: unknown[] = [];
  for (const token of tokens) {
    const stream = await useStream(app, `${STORAGE} { nope }`, token);
    answers.push(
      (await post(app, '{ viewer { id } }', { token })).body,
      (await post(app, RENEW, { token: good, variables: { token } })).body,
      (await post(app, '{ viewer { id } }', { headers: { authorization: `Basic ${token}` } })).body,
      await stream.next(),
      await client.run(RENEW, { token }).next(),
      await useClient(app, token).run('{ viewer { id } }').next(),
    );
  }
  const open = [
    useClient(app, tokens[0]).run(STORAGE),
    useClient(app, await signToken({ exp: now() + 1 })).run(STORAGE),
  ];
  await until(() => app.stats().sessions === 2);
  await app.bus.publish('dms:storage:unit:5', `{"token":"${tokens[0]}"}`);
  await app.bus.publish('dms:session', `{"action":"REVOKED","userId":18,"token":"${tokens[0]}"}`);
  await app.bus.publish('dms:session', `{"token":"${tokens[0]}"}`);
  for (const operation of open) answers.push(await operation.next());
  await app.close();

  const shown = new RegExp(tokens.flatMap((token) => token.split('.').slice(1)).join('|'));
  expect(JSON.stringify(answers)).not.toMatch(shown);
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.join('')).not.toMatch(shown);
});
