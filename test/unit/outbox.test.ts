import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTurn } from 'yoga-shared-subscriptions';
import { createOutbox } from '../../src/transport/outbox.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An outbox over an outlet that the test controls. */
function createScene(maxBytes = 100) {
  const failures: unknown[] = [];
  const turn = createTurn((error) => failures.push(error));
  const writes: string[] = [];
  let isCorked = false;
  let corked = '';
  const state = { isOpen: true, pendingBytes: 0, isCongested: false, ended: 0, failed: 0, keeps: false };
  const outlet = {
    get isOpen() {
      return state.isOpen;
    },
    get pendingBytes() {
      return state.pendingBytes;
    },
    get isCongested() {
      return state.isCongested;
    },
    write(bytes: string | Buffer) {
      const text = bytes.toString('latin1');
      if (isCorked) corked += text;
      else writes.push(text);
    },
    lend(bytes: Buffer) {
      expect(isCorked).toBe(false);
      writes.push(bytes.toString('latin1'));
      return !state.keeps;
    },
    cork() {
      isCorked = true;
    },
    uncork() {
      isCorked = false;
      if (corked !== '') writes.push(corked);
      corked = '';
    },
    endSlow() {
      state.ended += 1;
      state.isOpen = false;
    },
    endFailed() {
      state.failed += 1;
    },
  };
  const outbox = createOutbox(outlet, maxBytes, turn);
  return {
    outbox,
    turn,
    state,
    writes,
    failures,
    add: (bytes: string) => outbox.add(bytes),
    addNewest: (slot: string, bytes: string) => outbox.addNewest(slot, bytes),
  };
}

test('bytes that are added in one turn leave in one write, in order', async () => {
  const { add, writes } = createScene();
  add('1');
  add('2');
  expect(writes).toEqual([]);
  await nextTurn();
  add('3');
  await nextTurn();
  await nextTurn();
  expect(writes).toEqual(['12', '3']);
});

test('deferred bytes are made when they are written, and keep their place', async () => {
  const { add, addNewest, outbox, writes } = createScene();
  const made: string[] = [];
  const defer = (bytes: string): void =>
    outbox.defer(() => {
      made.push(bytes);
      add(bytes);
    });
  defer('1');
  defer('2');
  expect(made).toEqual([]);
  await nextTurn();
  add('3');
  defer('4');
  addNewest('a', '5');
  defer('6');
  outbox.addShared(Buffer.from('7'));
  defer('8');
  await nextTurn();
  await nextTurn();
  expect(writes).toEqual(['12', '345678']);
});

test('deferred bytes count: there is no room, and a client that does not read is ended', async () => {
  const { add, outbox, state, writes } = createScene(10);
  outbox.defer(() => add('0123456789'));
  expect(outbox.room()).toBeDefined();
  await nextTurn();
  expect(outbox.room()).toBeUndefined();
  state.pendingBytes = 1;
  outbox.defer(() => add('0123456789'));
  await nextTurn();
  expect(state.ended).toBe(1);
  expect(writes).toEqual(['0123456789']);
});

test.each(['when they are written', 'when more is added'])(
  'deferred bytes that cannot be made %s end the client: it is not sent what comes after them, and keeps nothing',
  async (when) => {
    const { add, outbox, state, writes, failures } = createScene();
    add('0');
    outbox.defer(() => {
      throw new Error('a result that is no JSON');
    });
    outbox.defer(() => add('1'));
    if (when === 'when more is added') add('2');
    await nextTurn();
    await nextTurn();
    add('3');
    outbox.defer(() => add('4'));
    await nextTurn();
    expect([writes, state.failed, failures.length, outbox.room()]).toEqual([[], 1, 1, undefined]);
  },
);

test('deferred bytes for a closed outlet are not made', async () => {
  const { outbox, state } = createScene();
  let isMade = false;
  outbox.defer(() => {
    isMade = true;
  });
  state.isOpen = false;
  await nextTurn();
  expect(isMade).toBe(false);
});

test('shared buffers leave in the same write, in order, and are not copied', async () => {
  const { add, addNewest, outbox, writes } = createScene();
  add('1');
  outbox.addShared(Buffer.from('2'));
  outbox.addShared(Buffer.from('3'));
  add('4');
  await nextTurn();
  outbox.addShared(Buffer.from('5'));
  addNewest('a', '6');
  add('7');
  await nextTurn();
  await nextTurn();
  expect(writes).toEqual(['1234', '567']);
});

test('printed bytes are made when they are written, in order, and given away where the outlet keeps them', async () => {
  const { add, outbox, state, writes } = createScene();
  let given = 0;
  const print = (text: string): void =>
    outbox.addPrinted({
      length: text.length,
      print: () => Buffer.from(text),
      giveAway: () => {
        given += 1;
      },
    });
  add('1');
  print('2');
  outbox.addShared(Buffer.from('3'));
  add('4');
  print('5');
  expect(writes).toEqual([]);
  await nextTurn();
  expect([writes, given]).toEqual([['1', '2', '34', '5'], 0]);
  state.keeps = true;
  print('6');
  add('7');
  await nextTurn();
  expect([writes.slice(4), given]).toEqual([['6', '7'], 1]);
});

test('printed bytes count: a client that does not read is ended, and they are not made for it', async () => {
  const { outbox, state, writes } = createScene(10);
  state.pendingBytes = 5;
  outbox.addPrinted({
    length: 6,
    print: () => Buffer.alloc(6),
    giveAway: () => undefined,
  });
  expect(outbox.room()).toBeInstanceOf(Promise);
  await nextTurn();
  expect([state.ended, writes]).toEqual([1, []]);
});

test('shared buffers count as pending bytes', async () => {
  const { outbox, state } = createScene(10);
  state.pendingBytes = 5;
  outbox.addShared(Buffer.alloc(5));
  expect(outbox.room()).toBeInstanceOf(Promise);
  await nextTurn();
  expect(state.ended).toBe(0);
  outbox.addShared(Buffer.alloc(6));
  await nextTurn();
  expect(state.ended).toBe(1);
});

test('bytes that are gathered at the end of a turn leave with that turn', async () => {
  const { add, turn, writes } = createScene();
  add('1');
  turn.gather(() => add('2'));
  turn.gather(() => turn.write({ flush: () => add('4') }));
  turn.gather(() => add('3'));
  await nextTurn();
  expect(writes).toEqual(['123']);
  await nextTurn();
  expect(writes).toEqual(['123', '4']);
});

test('a task that fails does not stop the others', async () => {
  const { add, turn, writes, failures } = createScene();
  turn.gather(() => {
    throw new Error('one client’s trouble');
  });
  turn.gather(() => add('1'));
  turn.write({
    flush() {
      throw new Error('another’s');
    },
  });
  await nextTurn();
  expect(writes).toEqual(['1']);
  expect(failures).toHaveLength(2);
});

test('flush writes all added bytes at once, and none of them twice', async () => {
  const { add, outbox, writes } = createScene();
  add('1');
  outbox.flush();
  expect(writes).toEqual(['1']);
  await nextTurn();
  outbox.flush();
  expect(writes).toEqual(['1']);
});

test('a replaceable message is not moved past messages that must not be lost', async () => {
  const { add, addNewest, outbox, writes } = createScene();
  add('1');
  addNewest('a', 'old');
  addNewest('a', '2');
  add('3');
  addNewest('a', '4');
  await nextTurn();
  addNewest('a', '5');
  outbox.flush();
  expect(writes).toEqual(['1234', '5']);
});

test('a replaceable message waits for a client that lags, whatever else is added', async () => {
  const { add, addNewest, outbox, state, writes } = createScene();
  state.isCongested = true;
  addNewest('a', 'old');
  add('1');
  await nextTurn();
  addNewest('a', '2');
  state.isCongested = false;
  outbox.drained();
  await nextTurn();
  expect(writes).toEqual(['1', '2']);
});

test('a client with too much unread and added data is ended once, and the data is never written', async () => {
  const { add, addNewest, state, writes } = createScene(100);
  state.pendingBytes = 60;
  add('x'.repeat(40));
  await nextTurn();
  expect([writes.length, state.ended]).toEqual([1, 0]);
  add('x'.repeat(41));
  await nextTurn();
  expect([writes.length, state.ended]).toEqual([1, 1]);
  add('x');
  addNewest('a', 'x');
  await nextTurn();
  expect([writes.length, state.ended]).toEqual([1, 1]);
});

test('a client that has read everything is not slow, however much is added', async () => {
  const { add, state, writes } = createScene(100);
  add('x'.repeat(1000));
  await nextTurn();
  expect([writes.length, state.ended]).toEqual([1, 0]);
});

test('for a client that lags, one replaceable message per slot waits, and none ends it', async () => {
  const { addNewest, outbox, state, writes } = createScene(100);
  state.isCongested = true;
  state.pendingBytes = 99;
  for (let at = 1; at <= 5; at += 1) {
    addNewest('a', `[a${at}${'x'.repeat(50)}]`);
    addNewest('b', `[b${at}]`);
    await nextTurn();
  }
  outbox.flush();
  expect([writes, state.ended]).toEqual([[], 0]);
  state.isCongested = false;
  outbox.drained();
  await nextTurn();
  expect(writes).toEqual([`[a5${'x'.repeat(50)}][b5]`]);
  outbox.drained();
  await nextTurn();
  expect(writes).toHaveLength(1);
});

test('a cleared message is not sent', async () => {
  const { addNewest, outbox, writes } = createScene();
  addNewest('a', '1');
  addNewest('b', '2');
  outbox.clear('a');
  outbox.clear('none');
  await nextTurn();
  expect(writes).toEqual(['2']);
});

test('pending messages are dropped when the outlet closes, even if it opens again', async () => {
  const { add, addNewest, state, writes } = createScene();
  add('1');
  addNewest('a', '2');
  state.isOpen = false;
  await nextTurn();
  state.isOpen = true;
  await nextTurn();
  expect(writes).toEqual([]);
});

test('all added bytes leave in order, or the client is ended', async () => {
  const step = fc.oneof(
    fc.record({ does: fc.constantFrom('add', 'defer'), size: fc.integer({ min: 1, max: 40 }) }),
    fc.constant({ does: 'turn' as const }),
    fc.constant({ does: 'flush' as const }),
    fc.constant({ does: 'read' as const }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { add, outbox, state, writes } = createScene(100);
      let count = 0;
      let written = 0;
      const settle = (): void => {
        const now = writes.join('').length;
        state.pendingBytes += now - written;
        written = now;
      };
      let added = '';
      for (const one of steps) {
        if ('size' in one) {
          count += 1;
          const text = `${count} `.padEnd(one.size, '.');
          if (state.ended === 0) added += text;
          if (one.does === 'add') add(text);
          else outbox.defer(() => add(text));
        }
        if (one.does === 'turn') await nextTurn();
        if (one.does === 'flush') outbox.flush();
        if (one.does === 'read') state.pendingBytes = 0;
        settle();
      }
      await nextTurn();
      if (state.ended === 0) expect(writes.join('')).toBe(added);
      else expect(added.startsWith(writes.join(''))).toBe(true);
    }),
  );
});
