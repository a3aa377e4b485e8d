/** No input of a client causes an internal error, and no other client notices it. `npm run soak` sends a hundred thousand. */
import { expect, test } from 'vitest';
import { fuzz } from '../support/fuzz-run.ts';

test('a thousand random documents, requests and conversations do no harm', async () => {
  const { cases, outcomes } = await fuzz(1000, Number(process.env['FUZZ_SEED'] ?? 20_261_125));
  expect(cases).toBeGreaterThan(750);
  // Some inputs must get past the first checks. Otherwise the test would have tested little.
  for (const outcome of [
    'HTTP 200',
    'HTTP 400',
    'HTTP 401',
    'close none',
    'close 4400',
    'raw 400',
    'reserved 202',
  ])
    expect(outcomes.get(outcome), outcome).toBeGreaterThan(2);
}, 180_000);
