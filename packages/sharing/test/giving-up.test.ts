/** Who gives up an audience that is being opened takes it from nobody else. */
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { isShared } from '../src/member.ts';
import { createForeign } from './foreign.ts';
import { settled } from './settled.ts';

async function microtasks(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await undefined;
}

/**
 * The source opens, `gap` microtasks later the first subscriber gives up, and another `delay` microtasks after that a second one comes.
 * Returns whether the source of the second one was closed.
 */
async function isClosed(gap: number, delay: number): Promise<boolean> {
  let open = (): void => undefined;
  const opening = new Promise<void>((resolve) => {
    open = resolve;
  });
  const ends: (() => void)[] = [];
  const signals: AbortSignal[] = [];
  const { sharing, yoga } = createForeign(
    {
      admit(_args, end) {
        ends.push(end);
        return () => undefined;
      },
      audienceOf: () => ({
        key: 'a',
        createContext(signal) {
          signals.push(signal);
          return { tenant: 'a' };
        },
      }),
    },
    [{ onSubscribe: () => opening }],
  );
  const args = {
    schema: yoga.getEnveloped({}).schema,
    document: parse('subscription { count }'),
    variableValues: {},
    contextValue: {},
  };
  void sharing.subscribe(args);
  await settled();
  open();
  await microtasks(gap);
  ends[0]?.();
  await microtasks(delay);
  const results = await sharing.subscribe(args);
  await settled();
  if (results === undefined || !isShared(results)) throw new Error('not shared');
  return signals.at(-1)?.aborted === true;
}

test('a subscriber that joins in the moment in which another gives up keeps its source', async () => {
  for (let gap = 0; gap < 10; gap += 1)
    for (let delay = 0; delay < 5; delay += 1)
      expect({ gap, delay, isClosed: await isClosed(gap, delay) }).toEqual({ gap, delay, isClosed: false });
});
