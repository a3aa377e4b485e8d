/** Only the code that checks a token sees it. It is in no log line, error, close reason or probe. */
import { getHeapSnapshot } from 'node:v8';
import { expect, test } from 'vitest';
import { useApp, useTalkativeApp } from '../support/app.ts';
import { post, type RawClient, useClient, useRawClient, useStream } from '../support/clients.ts';
import { until } from '../support/redis.ts';
import { now, people, signToken } from '../support/tokens.ts';

const RENEW = 'mutation ($token: String!) { renewSession(token: $token) { id } }';
const STORAGE = 'subscription { storageUpdated { id } }';

test('a token is in no log line, answer or close reason, in any case', async () => {
  const recorded: string[] = [];
  const { app, lines } = await useTalkativeApp(
    {},
    {
      securityLines: () => ({
        write: (line) => void recorded.push(line),
        close: () => Promise.resolve(),
      }),
    },
  );
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
  const open = [useClient(app, tokens[0]).run(STORAGE)];
  await until(() => app.stats().subscriptions === 1);
  // On a busy machine it may be over before it has begun.
  open.push(useClient(app, await signToken({ exp: now() + 1 })).run(STORAGE));
  await app.bus.publish('dms:storage:unit:5', `{"token":"${tokens[0]}"}`);
  await app.bus.publish('dms:session', `{"action":"REVOKED","userId":18,"token":"${tokens[0]}"}`);
  await app.bus.publish('dms:session', `{"token":"${tokens[0]}"}`);
  for (const operation of open) answers.push(await operation.next());
  await app.close();

  const shown = new RegExp(tokens.flatMap((token) => token.split('.').slice(1)).join('|'));
  expect(JSON.stringify(answers)).not.toMatch(shown);
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.join('')).not.toMatch(shown);
  expect(recorded.length).toBeGreaterThan(50);
  expect(recorded.join('')).not.toMatch(shown);
});

/** Signs in. Returns the end of the token in single characters, since the test's own memory is searched as well. */
async function signInWith(client: RawClient, marker: readonly string[]): Promise<readonly string[]> {
  const authorization = `Bearer ${await people.head()}`;
  client.send({ type: 'connection_init', payload: { authorization, more: marker.join('/') } });
  expect(await client.next()).toMatchObject({ type: 'connection_ack' });
  return [...authorization.slice(-20)];
}

test('the payload of connection_init, and the token in it, are released while their socket is open', async () => {
  const app = await useApp();
  const client = await useRawClient(app);
  const marker = ['let', 'me', 'go', crypto.randomUUID()];
  const signature = await signInWith(client, marker);
  let tail = '';
  for await (const chunk of getHeapSnapshot()) {
    const text = tail + String(chunk);
    if (text.includes(marker.join('/')))
      throw new Error('The parameters of the connection are still in memory.');
    if (text.includes(signature.join(''))) throw new Error('The token of the connection is still in memory.');
    tail = text.slice(-200);
  }
  expect(client.socket.readyState).toBe(client.socket.OPEN);
}, 300_000);
