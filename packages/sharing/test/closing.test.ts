/** The plugin by itself, with a schema that is none of ours and without transports that attach. */
import { GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { SlowReaderError } from '../src/member.ts';
import { createForeign } from './foreign.ts';
import { batchOf, memberOf } from './members.ts';
import { settled } from './settled.ts';

describe('the plugin, used alone', () => {
  test('serves `for await`, whose end unsubscribes; the last one’s ends the source', async () => {
    const { follow, push, counts, sharing } = createForeign();
    const [one, two] = [await follow('a'), await follow('a')];
    await push('a', 1);
    for (const results of [one, two]) {
      expect(counts.stops).toBe(0);
      for await (const result of results) {
        expect(result).toEqual({ data: { count: 1 } });
        break;
      }
      await settled();
    }
    expect([counts.stops, sharing.audiences]).toEqual([1, 0]);
    expect(await one.next()).toEqual({ done: true, value: undefined });
  });
});

describe('admission', () => {
  test('releases each once: who leaves, who is refused by the source, and who is ended', async () => {
    const ends: ((error?: GraphQLError) => void)[] = [];
    let held = 0;
    const { follow, subscribe, sharing } = createForeign({
      admit(_args, end) {
        held += 1;
        ends.push(end);
        return () => {
          held -= 1;
        };
      },
    });
    const [leaving, ended, quiet, staying] = [
      await follow('a'),
      await follow('a'),
      await follow('a'),
      await follow('a'),
    ];
    await subscribe('a', 'subscription { broken }');
    expect(held).toBe(4);
    await leaving.return(undefined);
    await leaving.return(undefined);
    const parked = ended.next();
    ends[1]?.(new GraphQLError('revoked'));
    await expect(parked).rejects.toThrow('revoked');
    ends[1]?.(new GraphQLError('again'));
    ends[2]?.();
    expect(await quiet.next()).toEqual({ done: true, value: undefined });
    expect([held, sharing.audiences]).toEqual([1, 1]);
    await staying.return(undefined);
    await settled();
    expect([held, sharing.audiences]).toEqual([0, 0]);
  });
});

describe('a member', () => {
  test('settles a pending next() when it is returned, and knows nothing afterwards', async () => {
    const member = memberOf(10);
    const pending = member.next();
    await member.return();
    expect(await pending).toEqual({ done: true, value: undefined });
    member.deliver(batchOf(1));
    expect(await member.next()).toEqual({ done: true, value: undefined });
  });

  test('gives what came before its end, then the error, once', async () => {
    const member = memberOf(10);
    member.deliver(batchOf(1, 2));
    member.close(new Error('gone'));
    expect([await member.next(), await member.next()]).toMatchObject([
      { value: { data: { count: 1 } } },
      { value: { data: { count: 2 } } },
    ]);
    await expect(member.next()).rejects.toThrow('gone');
    expect(await member.next()).toEqual({ done: true, value: undefined });
  });

  test('that reads too slowly is ended, and leaves', async () => {
    let hasLeft = false;
    const member = memberOf(2, () => {
      hasLeft = true;
    });
    member.deliver(batchOf(1, 2));
    expect(hasLeft).toBe(false);
    member.deliver(batchOf(3));
    expect(hasLeft).toBe(true);
    await expect(member.next()).rejects.toThrow(SlowReaderError);
  });
});
