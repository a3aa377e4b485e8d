/** How long, and how many, answers are kept for those who send again. */
import { expect, test } from 'vitest';
import { createOnce } from '../../demo/server/src/rest/once.ts';
import { PEOPLE } from '../../demo/server/src/users.ts';

const DAY_MS = 86_400_000;
const [person, other] = PEOPLE;

function useOnce() {
  let now = 0;
  let made = 0;
  const once = createOnce(() => now);
  return {
    pass(ms: number) {
      now += ms;
    },
    /** The number of what is there then. */
    async send(key: number, who = person): Promise<unknown> {
      if (who === undefined) throw new Error('nobody works here');
      const header = `"${String(key).padStart(16, '0')}"`;
      const create = async () => ({ status: 201, body: ++made });
      return (await once({ person: who, header, path: '/', body: {} }, create)).body;
    },
  };
}

test('an answer is kept for a day', async () => {
  const { send, pass } = useOnce();
  expect([await send(1), await send(1)]).toEqual([1, 1]);
  pass(DAY_MS - 1);
  expect(await send(1)).toBe(1);
  pass(1);
  expect(await send(1)).toBe(2);
});

test('of each person the last fifty are kept', async () => {
  const { send } = useOnce();
  for (let key = 1; key <= 50; key += 1) await send(key);
  for (let key = 100; key < 200; key += 1) await send(key, other);
  expect(await send(1)).toBe(1);
  await send(51);
  expect(await send(50)).toBe(50);
  expect(await send(1)).toBe(152);
});
