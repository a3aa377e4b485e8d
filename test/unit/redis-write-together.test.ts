import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { writeTogether } from '../../src/bus/redis-write-together.ts';

function createStream() {
  const writes: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      writes.push(String(chunk));
      done();
    },
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(' '));
      done();
    },
  });
  return { stream, writes };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('commands of one turn leave in one write, also when several ask for that', async () => {
  const { stream, writes } = createStream();
  for (const command of ['HMGET', 'EXISTS']) {
    writeTogether({ status: 'ready', stream });
    stream.write(command);
  }
  expect(writes).toEqual([]);
  await nextTurn();
  stream.write('PING');
  expect(writes).toEqual(['HMGET EXISTS', 'PING']);
});

test('the commands by which a connection becomes ready are not kept back', () => {
  const { stream, writes } = createStream();
  writeTogether({ status: 'connect', stream });
  stream.write('INFO');
  expect(writes).toEqual(['INFO']);
});
