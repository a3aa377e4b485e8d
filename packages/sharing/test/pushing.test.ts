import type { ExecutionResult } from 'graphql';
import { expect, test } from 'vitest';
import { type Receiver, readSource } from '../src/pushing.ts';
import { settled } from './settled.ts';

async function* nothing(): AsyncGenerator<ExecutionResult> {}

/** All that a receiver gets of a source. */
async function read(pushTo: (receiver: Receiver<ExecutionResult>) => void): Promise<unknown[]> {
  const got: unknown[] = [];
  readSource(Object.assign(nothing(), { pushTo }), {
    take: (result) => void got.push(result),
    end: () => got.push('end'),
    fail: (error) => got.push(error),
  });
  expect(got).toEqual([]); // until the caller has returned
  await settled();
  return got;
}

test('a source that fails while it pushes what is there fails its receiver, and nobody else', async () => {
  const fault = new Error('cannot push');
  const got = await read((receiver) => {
    void receiver.take({ data: { count: 1 } });
    throw fault;
  });
  expect(got).toEqual([{ data: { count: 1 } }, fault]);
});
