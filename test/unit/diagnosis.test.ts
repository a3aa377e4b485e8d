/** Parts of `dms-live why` and `watch` by themselves. test/wire/diagnosis.test.ts runs the commands. */
import { describe, expect, test } from 'vitest';
import type { BusMessage, SubscriptionState } from '../../src/bus/bus.ts';
import { digestOf, formatEnvelope } from '../../src/bus/envelope.ts';
import { formatPosition, type LogPosition } from '../../src/bus/position.ts';
import { counted } from '../../src/cli/finding.ts';
import type { Lookout } from '../../src/cli/lookout.ts';
import { createDating } from '../../src/cli/watch/dating.ts';
import { createWaitingMessages } from '../../src/cli/watch/waiting-messages.ts';
import { watchEvents } from '../../src/cli/watch/watch-events.ts';
import { type ConnectionQuestion, traceConnections } from '../../src/cli/why/connections.ts';
import { dmsNames } from '../support/domain.ts';
import { messages } from '../support/events.ts';

const names = dmsNames();

test('counts agree with their nouns', () => {
  expect([counted(0, 'fault'), counted(1, 'fault'), counted(2, 'process')]).toEqual([
    '0 faults',
    '1 fault',
    '2 processes',
  ]);
});

describe('why', () => {
  const at = (epoch: string, offset: number): LogPosition => ({ epoch, offset });
  const question = {
    names,
    found: { entry: { channel: 'dms:request:unit:5', position: at('2', 5), appendedAt: 10 } },
    person: {},
    visibility: {
      judge: async () => ({
        outcome: 'delivered',
        topic: { kind: 'request', unitId: '5' },
        hidden: [],
        guarded: [],
      }),
    },
  } as unknown as ConnectionQuestion;
  const trace = (position: LogPosition, since = 1) => {
    const subscription = { field: 'f', arguments: {}, topic: 't', position: formatPosition(position) };
    const connection = { transport: 'websocket', address: null, since, until: 99, unitId: '5', role: null };
    const answers = [
      { process: 'p', leftOut: 0, connections: [{ ...connection, subscriptions: [subscription] } as const] },
    ];
    return traceConnections({ answers: answers as never, asked: 1 }, question);
  };

  test('a position of another life of the log says nothing of the event, however large it is', async () => {
    const { findings, reached } = await trace(at('1', 99));
    expect(findings[1]).toMatchObject({ level: 'warning', says: 't at 1-99: of another life of the log' });
    expect([...reached]).toEqual(['unread']);
  });

  test('a position of the same life is before the event, at it, or the client came later', async () => {
    expect([...(await trace(at('2', 4))).reached]).toEqual(['late']);
    expect([...(await trace(at('2', 5))).reached]).toEqual(['written']);
    expect([...(await trace(at('2', 5), 11)).reached]).toEqual(['before']);
  });
});

describe('watch', () => {
  const message = (channel: string, payload: string): BusMessage => ({
    channel,
    payload: Buffer.from(payload),
  });

  test('what comes faster than it can be shown is left out, and counted where it is missing', async () => {
    const shown: (string | number)[] = [];
    let goOn = (): void => undefined;
    const waiting = createWaitingMessages({
      maxBytes: 3000,
      async show(some) {
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        shown.push(...some.map(({ payload }) => payload.toString()));
      },
      onLeftOut: (count) => shown.push(count),
    });
    for (let count = 1; count <= 8; count += 1) waiting.add(message('c', `${count}`));
    waiting.open();
    waiting.add(message('c', '9'));
    goOn();
    await new Promise(setImmediate);
    expect(shown).toEqual(['1', '2', '3', '4', '5', 4]);
    waiting.add(message('c', '10'));
    goOn();
    await new Promise(setImmediate);
    expect(shown.slice(6)).toEqual(['10']);
  });

  test('says once that Redis has gone, and once that all channels are back', async () => {
    const said: string[] = [];
    const report: ((state: SubscriptionState) => void)[] = [];
    const subscribe: Lookout['subscribe'] = (_name, _onMessage, onState = () => undefined) => {
      report.push(onState);
      return { ready: Promise.resolve(), close: () => undefined };
    };
    const say = (what: string) => () => void said.push(what);
    await watchEvents({ names, subscribe } as unknown as Lookout, {
      unitId: '5',
      userId: undefined,
      kinds: ['request', 'crate'],
      withSessions: false,
      withBodies: false,
      sinceMs: undefined,
      onEvent: () => undefined,
      onLeftOut: () => undefined,
      onRefused: say('refused'),
      onInterrupted: say('gone'),
      onRestored: say('back'),
      onReady: say('ready'),
    });
    for (const state of ['away', 'live', 'away'] as const) for (const one of report) one(state);
    report[0]?.('live');
    expect(said).toEqual(['ready', 'gone', 'back', 'gone']);
  });

  test('Redis is asked once about neighbours in a log, and about a generation that it has', async () => {
    const asked: string[] = [];
    const lookout = {
      names,
      keys: {
        async read(keys: readonly string[]) {
          asked.push(...keys);
          return ['ours'];
        },
      },
      history: {
        async between(stream: string, first: LogPosition, last: LogPosition) {
          asked.push(`${stream} ${formatPosition(first)} ${formatPosition(last)}`);
          return [first, last].map((position) => ({ position, appendedAt: 1000 + position.offset }));
        },
      },
    } as unknown as Lookout;
    const envelope = (unitId: number, offset: number, generation = 'ours') =>
      message(
        `dms:request:unit:${unitId}`,
        formatEnvelope(
          { epoch: '1', offset },
          undefined,
          JSON.stringify(messages.request({ unitId })),
          digestOf(generation),
        ),
      );
    const date = createDating(lookout, { names, withBodies: false });
    const dated = await date([
      envelope(5, 1),
      envelope(7, 1),
      envelope(5, 2),
      envelope(5, 4),
      envelope(5, 5, 'theirs'),
    ]);
    expect(dated.map(({ appendedAt }) => appendedAt)).toEqual([1001, 1001, 1002, 1004, undefined]);
    expect(dated.map(({ refused }) => refused)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'another installation publishes under this prefix',
    ]);
    const generation = 'dms:{request}:generation';
    expect(asked).toEqual([
      generation,
      generation, // of a message that says another one
      'dms:{request}:unit:5 1-1 1-2',
      'dms:{request}:unit:7 1-1 1-1',
      'dms:{request}:unit:5 1-4 1-4',
    ]);
    await date([envelope(5, 6)]);
    expect(asked.slice(5)).toEqual(['dms:{request}:unit:5 1-6 1-6']);
  });
});
