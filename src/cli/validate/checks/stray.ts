/** Events that name another unit than the topic they are published on. */
import { type Bench, NOT_PUBLISHED, probedViewers } from '../bench.ts';
import { casesOf } from '../cases.ts';
import { isDue } from '../oracle.ts';
import { overWebSocket } from '../over-websocket.ts';
import { publishTo, untilLast, untilOpen } from '../probing.ts';
import { eventsOf } from '../received.ts';

export async function examineStrays(bench: Bench): Promise<void> {
  const { publisher, findings, people, probes, wire, published } = bench;
  if (publisher === undefined || publisher.publishRaw === undefined) {
    const reason = 'a program publishes what it is given as it should be: give --redis';
    findings.notShown('ISO-11', publisher === undefined ? NOT_PUBLISHED : reason);
    return;
  }
  const [viewer] = probedViewers(bench).filter(({ classes }) => !classes.includes('ADMIN'));
  const other = people.probeUnits.find((unitId) => unitId !== viewer?.unitId);
  if (viewer === undefined || other === undefined) {
    findings.notShown('ISO-11', 'it needs a viewer of a probe unit, and another probe unit');
    return;
  }
  const cases = casesOf(bench, viewer).filter(
    ({ requirement, due, isOwn }) => requirement === 'ISO-1' && due.codes === undefined && !isOwn,
  );
  const run = await overWebSocket(
    wire,
    viewer.token,
    cases.map(({ request }) => request),
  );
  const followers = run.operations.flatMap((operation, index) => {
    const due = cases[index]?.due;
    return due === undefined || due.codes !== undefined ? [] : [{ due, operation, kind: cases[index]?.kind }];
  });
  const slots = cases.map(({ kind }) => ({
    kind,
    channel: { kind: kind.kind, unitId: viewer.unitId },
    unitId: viewer.unitId,
  }));
  await untilOpen(bench, publisher, slots, followers);
  const before = published.length;
  const strays = slots.map(({ kind, channel }) => probes.make(kind, channel, other, 'own'));
  for (const { channel, event } of strays) await publisher.publishRaw(channel, event);
  await publishTo(bench, publisher, slots, 'own');
  await untilLast(bench, followers);
  for (const { operation, kind, due } of followers) {
    const ids = eventsOf(operation).map(({ id }) => id);
    const got = strays.filter(({ id }) => ids.includes(id)).length;
    const isAlive = published.slice(before).some((probe) => isDue(due, probe) && ids.includes(probe.id));
    findings.add('ISO-11', {
      what: `${kind?.kind} of the unit ${other} on the channel of ${viewer.unitId}`,
      viewer: viewer.name,
      transport: 'WebSocket',
      expected: 'nothing of it, and the event after it',
      got: got > 0 ? 'got it' : isAlive ? 'as expected' : 'nothing, also not the event after it',
      isGood: got === 0 && isAlive,
    });
  }
  run.close();
}
