/** Processes agree on the value of a key, although Redis may refuse to write, and may lose the key. */
import { expect, test } from 'vitest';
import { agreeOn } from '../../src/bus/agreement.ts';

function useKey() {
  const key: { value: string | undefined; refusal?: string; isLost?: boolean } = { value: undefined };
  const agree = (proposal: string): Promise<string | undefined> =>
    agreeOn({
      read: async () => key.value,
      async propose() {
        if (key.refusal !== undefined) throw new Error(key.refusal);
        if (key.isLost !== true) key.value ??= proposal;
      },
    });
  return { key, agree };
}

test('the first proposal is the value', async () => {
  const { agree } = useKey();
  expect(await agree('one')).toBe('one');
  expect(await agree('two')).toBe('one');
});

test('while writes are refused there is no value, unless there was one before', async () => {
  const { key, agree } = useKey();
  key.refusal = 'READONLY You can’t write against a read only replica.';
  expect(await agree('one')).toBeUndefined();
  key.value = 'zero';
  expect(await agree('one')).toBe('zero');
});

test('a value that a fail-over lost as soon as it was set is an error, not a refusal', async () => {
  const { key, agree } = useKey();
  key.isLost = true;
  await expect(agree('one')).rejects.toThrow('lost a key');
  key.isLost = false;
  expect(await agree('one')).toBe('one');
});

test('an error of the connection is passed on', async () => {
  const { key, agree } = useKey();
  key.refusal = 'Connection is closed.';
  await expect(agree('one')).rejects.toThrow('Connection is closed.');
});
