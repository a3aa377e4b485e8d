import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { parseRedisUrl } from '../../src/bus/redis-address.ts';
import { connectRedis } from '../../src/bus/redis-connect.ts';
import { explainRefusal } from '../../src/bus/refusal.ts';

test('a second error of a socket ends no process: with TLS there may be two', async () => {
  const connection = connectRedis(parseRedisUrl('redis://127.0.0.1:1'), 'commands');
  onTestFinished(() => connection.disconnect());
  await once(connection, 'error').catch(() => undefined);
  if (!('stream' in connection)) throw new Error('no single Redis');
  const { stream } = connection;
  expect(() => {
    for (const message of ['self-signed certificate', 'alert']) stream.emit('error', new Error(message));
  }).not.toThrow();
});

test.each([
  ['MOVED 8958 127.0.0.1:17002', 'redis+cluster://'],
  ['ERR This instance has cluster support disabled', 'it is no Cluster'],
  ["ERR unknown command 'xrevrange', with args beginning with: 'a'", 'redis+sentinel://'],
  ['All sentinels are unreachable. Last error: ERR No such master with that name', 'no primary of the name'],
  ['All sentinels are unreachable. Last error: NOAUTH Authentication required.', 'REDIS_SENTINEL_PASSWORD'],
  ['self-signed certificate in certificate chain', 'NODE_EXTRA_CA_CERTS'],
  ["Hostname/IP does not match certificate's altnames: Host: redis.", 'NODE_EXTRA_CA_CERTS'],
  ['ERR max number of clients reached', 'maxclients'],
])('says what to mend when Redis answers %s', (answer, expected) => {
  expect(explainRefusal(answer)).toContain(expected);
  expect(explainRefusal(answer)).toContain(answer.replace(/^All .* Last error: /, ''));
});
