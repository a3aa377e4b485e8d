/** A topic whose log is lost while the topic opens: its listeners do not wait forever. */
import { expect, onTestFinished, test } from 'vitest';
import type { Bus } from '../../src/bus/bus.ts';
import { digestOf, formatEnvelope } from '../../src/bus/envelope.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { createLogger } from '../../src/log.ts';
import { createHub } from '../../src/topics/hub.ts';
import { createRefusals } from '../../src/topics/refusals.ts';
import { KEEP, names, UNIT, UNIT_STREAM } from '../support/topics.ts';

test('rejects the listeners that wait for it', async () => {
  const bus = createMemoryBus();
  const { channel } = names.nameOf(UNIT);
  await bus.append(names.logKeysOf(UNIT), 'one', '{"id":"one"}', KEEP);
  const generation = (await bus.agree(names.generationOf('storage'), '')) ?? '';
  const losing: Bus = {
    ...bus,
    async readLast(stream) {
      const last = await bus.readLast(stream);
      const later = { epoch: last?.position.epoch ?? '', offset: 3 };
      await bus.publish(channel ?? '', formatEnvelope(later, undefined, '{}', digestOf(generation)));
      return last;
    },
    readFrom: async (stream, ...from) => (stream === UNIT_STREAM ? [] : bus.readFrom(stream, ...from)),
  };
  const log = createLogger('silent');
  const hub = createHub({
    bus: losing,
    names,
    refusals: createRefusals(bus, names, { eventRejected: () => undefined }, log),
    observer: { eventReceived: () => undefined },
    foreign: { notice: () => undefined, areNoticed: false, look: () => undefined },
    keptSeconds: 3600,
    recentBytes: 10_000,
    replayBytes: 10_000,
    log,
  });
  onTestFinished(() => hub.close());
  const lost: string[] = [];
  const open = hub.open(UNIT, {
    onEvent: () => undefined,
    onLost: ({ code }) => void lost.push(code),
  });
  await expect(open.ready).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(lost).toEqual(['CURSOR_EXPIRED']);
  expect(hub.openTopics).toBe(0);
});
