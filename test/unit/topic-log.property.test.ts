/** With any fault between publisher, log and listener: the listener gets all events in order and once, or a notice of loss. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BusMessage } from '../../src/bus/bus.ts';
import { isEnvelope, readGeneration } from '../../src/bus/envelope.ts';
import { createLogger } from '../../src/log.ts';
import { type Generation, watchGeneration } from '../../src/topics/generation.ts';
import { settled } from '../support/alone.ts';
import {
  bare,
  createScriptedLog,
  foreign,
  type LogListener,
  listenFromNow,
  type ScriptedLog,
} from '../support/scripted-log.ts';

/** The log, the messages that it has sent, and the listener. */
interface World {
  readonly script: ScriptedLog;
  readonly listener: LogListener;
  readonly wire: BusMessage[];
  /** Drops the messages of another Redis. */
  readonly generation: Generation;
  /** Every event ever published, as `offset id`. */
  readonly published: string[];
  /** True after something that may lose events for good. */
  isHarmed: boolean;
  release: () => void;
}

type Step = (world: World) => void | Promise<void>;

const publish: Step = ({ script, wire, published }) => {
  const id = `e${published.length}`;
  wire.push(script.append(id));
  published.push(script.content.at(-1) ?? '');
};
function receive({ listener, generation }: World, message: BusMessage): void {
  const digest = isEnvelope(message.payload) ? readGeneration(message.payload) : undefined;
  if (digest === undefined) listener.receive(message);
  else generation.admit(digest, () => listener.receive(message));
}
const deliver: Step = (world) => {
  const message = world.wire.shift();
  if (message !== undefined) receive(world, message);
};
const repeat: Step = (world) => {
  const [message] = world.wire;
  if (message !== undefined) receive(world, message);
};
const lose: Step = ({ wire }) => void wire.shift();
const reorder: Step = ({ wire }) => {
  const first = wire.shift();
  if (first !== undefined) wire.splice(1, 0, first);
};
/** At the next offset, and at others. */
const publishForeign =
  (ahead: number): Step =>
  ({ script, wire }) =>
    void wire.push(foreign('foreign', offsetOf(script.content.at(-1) ?? '0 -') + ahead));
/** All events in the log are delivered, and then deleted for their age. */
const sweep: Step = async (world) => {
  world.release();
  while (world.wire.length > 0) void deliver(world);
  world.listener.log.resume();
  await settled();
  world.script.sweep(world.script.content.length);
};
const sendBare: Step = ({ wire }) => void wire.push(bare('bare'));
const hold: Step = (world) => {
  world.release();
  world.release = world.script.holdReads();
};
const release: Step = async (world) => {
  world.release();
  await settled();
};
const check: Step = ({ listener }) => void listener.log.check();
const turn: Step = () => new Promise((resolve) => queueMicrotask(resolve));

/** The connection is cut, and all messages in transit are lost. */
const cut: Step = ({ listener, wire }) => {
  listener.log.pause();
  wire.length = 0;
};
const reconnect: Step = ({ listener }) => listener.log.resume();
const cutAndReconnect: Step = (world) => {
  void cut(world);
  void reconnect(world);
};
const harm =
  (damage: (script: ScriptedLog) => void): Step =>
  (world) => {
    void cut(world);
    damage(world.script);
    world.isHarmed = true;
  };

const step = (name: string, weight: number, run: Step) => ({
  weight,
  arbitrary: fc.constant({ run, [fc.toStringMethod]: () => name }),
});
const HARMLESS = [
  step('publish', 8, publish),
  step('deliver', 8, deliver),
  step('repeat', 2, repeat),
  step('lose', 2, lose),
  step('reorder', 1, reorder),
  step('publishForeign', 2, publishForeign(1)),
  step('publishForeign again', 1, publishForeign(0)),
  step('sweep', 1, sweep),
  step('sendBare', 1, sendBare),
  step('hold', 2, hold),
  step('release', 2, release),
  step('check', 1, check),
  step('turn', 4, turn),
  step('cut', 1, cut),
  step('reconnect', 2, reconnect),
  step('cutAndReconnect', 1, cutAndReconnect),
];
const HARMFUL = [
  step(
    'fail over',
    1,
    harm((script) => script.loseTail(1)),
  ),
  step(
    'fail over far',
    1,
    harm((script) => script.loseTail(3)),
  ),
  step(
    'flush',
    1,
    harm((script) => script.flush()),
  ),
  step('sweep undelivered', 2, (world) => {
    world.script.sweep(2);
    world.isHarmed = true;
  }),
  step('trim', 2, (world) => {
    world.script.trim(2);
    world.isHarmed = true;
  }),
];

async function run(steps: readonly { readonly run: Step }[], before: number): Promise<World> {
  const script = createScriptedLog();
  const published: string[] = [];
  const wire: BusMessage[] = [];
  for (let count = 0; count < before; count += 1) script.append(`before${count}`);
  const listener = await listenFromNow(script);
  const generation = watchGeneration(
    script.bus,
    'generation',
    { notice: () => undefined },
    createLogger('silent'),
  );
  const world: World = {
    script,
    listener,
    wire,
    generation,
    published,
    isHarmed: false,
    release: () => undefined,
  };
  for (const { run: take } of steps) await take(world);
  world.release();
  while (wire.length > 0) void deliver(world);
  listener.log.resume();
  await settled();
  void publish(world);
  void deliver(world);
  await settled(); // while the log is read already, a check has nothing to do, and returns at once
  await listener.log.check(); // as in practice, now and then: it finds what the last event could not show
  return world;
}

/** The delivered events, without those that are not in the log. */
const logged = ({ listener }: World): string[] =>
  listener.delivered.filter((event) => !event.startsWith('0 '));
const offsetOf = (event: string | undefined): number => Number(event?.split(' ')[0]);

function expectInOrderOnce(world: World, before: number): void {
  const delivered = logged(world);
  expect(delivered.map(offsetOf)).toEqual(delivered.map((_event, at) => before + at + 1));
  expect(world.published).toEqual(expect.arrayContaining(delivered));
  expect(world.listener.lost.length).toBeLessThan(2);
}

const someBefore = fc.integer({ min: 0, max: 3 });

test('if the log keeps everything, all events are delivered, without a notice of loss', async () => {
  const steps = fc.array(fc.oneof(...HARMLESS), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, someBefore, async (taken, before) => {
      const world = await run(taken, before);
      expectInOrderOnce(world, before);
      expect(world.listener.lost).toEqual([]);
      expect(logged(world)).toEqual(world.published);
    }),
    { numRuns: 750 },
  );
});

test('if the log loses events, the delivered events are one history, up to its end or to the loss', async () => {
  const steps = fc.array(fc.oneof(...HARMLESS, ...HARMFUL), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, someBefore, async (taken, before) => {
      const world = await run(taken, before);
      expectInOrderOnce(world, before);
      const { listener, script, isHarmed } = world;
      if (listener.lost.length > 0) {
        expect([listener.lost, isHarmed]).toEqual([['CURSOR_EXPIRED'], true]);
        return;
      }
      const delivered = logged(world);
      const { content } = script;
      expect(offsetOf(delivered.at(-1) ?? `${before} -`)).toBe(
        content.length > 0 ? offsetOf(content.at(-1)) : before,
      );
      for (const event of content) if (offsetOf(event) > before) expect(delivered).toContain(event);
    }),
    { numRuns: 1500 },
  );
});
