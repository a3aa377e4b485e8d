import { expect, test } from 'vitest';
import { formatEnvelope } from '../../src/bus/envelope.ts';
import { sampleAppends } from '../../src/topics/append-samples.ts';
import { dmsNames } from '../support/domain.ts';

test('of a flood of refused messages one in a second is looked at', () => {
  const names = dmsNames();
  let looks = 0;
  const kinds = {
    get(kind: string) {
      looks += 1;
      return names.kinds.get(kind);
    },
  } as unknown as typeof names.kinds;
  const samples = sampleAppends({ bus: {}, names: { ...names, kinds }, onSample: () => undefined });
  const payload = Buffer.from(formatEnvelope({ epoch: '1', offset: 1 }, undefined, '{}'));
  for (let count = 0; count < 10; count += 1) samples.offer({ channel: 'dms:request:unit:5', payload });
  samples.close();
  expect(looks).toBe(1);
});
