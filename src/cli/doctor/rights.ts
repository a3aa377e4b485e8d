/** Whether the account has each right that a server uses. Every command is sent, in a form that changes nothing. */

import type { ChannelName } from '../../bus/bus.ts';
import { primariesOf } from '../../bus/redis-connection.ts';
import { explainRefusal, refusalCode } from '../../bus/refusal.ts';
import { messageOf } from '../../errors.ts';
import type { Topic } from '../../events/topic-names.ts';
import { type Finding, fault, ok } from '../finding.ts';
import type { Lookout } from '../lookout.ts';

/**
 * The arguments of a call that is allowed to say no more than that it is allowed. The key does not exist: what reads it finds nothing, what
 * deletes deletes nothing, and what would write needs it to exist (`XX`, `NOMKSTREAM`) or lacks an argument, which Redis checks after the
 * right. The commands of docs/redis.md that are not here are part of connecting and subscribing, which is tried as well.
 */
export const HARMLESS_CALLS: Readonly<Record<string, (key: string) => readonly string[]>> = {
  ping: () => [],
  info: () => ['server'],
  get: (key) => [key],
  mget: (key) => [key],
  exists: (key) => [key],
  set: (key) => [key, '1', 'XX'],
  pttl: (key) => [key],
  scan: () => ['0', 'COUNT', '1'],
  hget: (key) => [key, 'f'],
  hmget: (key) => [key, 'f'],
  hset: (key) => [key, 'f', '1', 'no-value'],
  hdel: (key) => [key, 'f'],
  hrandfield: (key) => [key],
  zadd: (key) => [key, 'XX', '1', 'm'],
  zrem: (key) => [key, 'm'],
  zcount: (key) => [key, '0', '1'],
  zrangebyscore: (key) => [key, '0', '1'],
  zremrangebyscore: (key) => [key, '0', '1'],
  xrange: (key) => [key, '-', '+', 'COUNT', '1'],
  xrevrange: (key) => [key, '+', '-', 'COUNT', '1'],
  xadd: (key) => [key, 'NOMKSTREAM', '*', 'f', '1'],
  xdel: (key) => [key, '0-1'],
  xtrim: (key) => [key, 'MAXLEN', '0'],
  time: () => [],
  eval: () => ['return 1', '0'],
  evalsha: () => ['0'.repeat(40), '0'],
};

const ADVICE = 'see “Accounts” in docs/redis.md';

export async function examineRights(lookout: Lookout): Promise<readonly Finding[]> {
  const [commands, channels] = await Promise.all([tryCommands(lookout), tryChannels(lookout)]);
  return [...commands, ...channels];
}

/** Each node of a Cluster has accounts of its own. It looks at the right before it says that it does not have the key. */
async function tryCommands({ redis, names }: Lookout): Promise<readonly Finding[]> {
  const key = names.answersTo(crypto.randomUUID());
  const calls = Object.entries(HARMLESS_CALLS);
  const outcomes = await Promise.all(
    [redis, ...(redis.isCluster ? primariesOf(redis) : [])].flatMap((node) =>
      calls.map(async ([name, argumentsFor]) => {
        try {
          await node.call(name, ...argumentsFor(key));
          return undefined;
        } catch (error) {
          return { name, code: refusalCode(error), reason: messageOf(error) };
        }
      }),
    ),
  );
  const refused = outcomes.flatMap((outcome) => outcome ?? []);
  const missing = [
    ...new Set(refused.flatMap(({ name, code }) => (code === 'NOPERM' ? [name.toUpperCase()] : []))),
  ];
  const writes = refused.find(({ code }) => WRITES_REFUSED.includes(code ?? ''));
  return [
    missing.length === 0
      ? ok('commands', `all ${calls.length} that a server uses are allowed`)
      : fault('commands', `the account may not ${missing.join(', ')}`, ADVICE),
    ...(writes === undefined
      ? []
      : [fault('writes', `Redis refuses them: ${explainRefusal(writes.reason)}`)]),
  ];
}

const WRITES_REFUSED = ['READONLY', 'MISCONF', 'OOM', 'NOREPLICAS'];

/** How long Redis may take to grant channels, in milliseconds. */
const PATIENCE_MS = 2000;

async function tryChannels(lookout: Lookout): Promise<readonly Finding[]> {
  const wanted = channelsOf(lookout);
  const outcomes = await Promise.all(wanted.map((name) => tryChannel(lookout, name)));
  const refused = wanted
    .filter((_name, at) => !outcomes[at])
    .map(({ channel, pattern }) => channel ?? pattern);
  return [
    refused.length === 0
      ? ok('channels', `all ${wanted.length} that were tried are allowed`)
      : fault('channels', `the account may not subscribe to ${refused.join(', ')}`, ADVICE),
  ];
}

/** Of each kind the channels of a unit, of all units and of a user. */
function channelsOf({ names }: Lookout): readonly ChannelName[] {
  const topics = [...names.kinds.values()].flatMap(({ kind, hasUserTopics, hasTogether }): Topic[] => [
    { kind, unitId: '1' },
    { kind, all: 'units' },
    ...(hasUserTopics ? [{ kind, userId: '1' }] : []),
    ...(hasTogether ? [{ kind, all: 'together' } as const] : []),
  ]);
  return [{ channel: names.session }, { channel: names.questions }, ...topics.map(names.nameOf)];
}

function tryChannel({ subscribe }: Lookout, name: ChannelName): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isGranted: boolean): void => {
      clearTimeout(timer);
      subscription.close();
      resolve(isGranted);
    };
    const timer = setTimeout(settle, PATIENCE_MS, false);
    const subscription = subscribe(
      name,
      () => undefined,
      (state) => state === 'refused' && settle(false),
    );
    void subscription.ready.then(() => settle(true));
  });
}
