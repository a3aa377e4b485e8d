import type { Redis } from 'ioredis';
import type { RedisAddress } from '../../bus/redis-address.ts';
import { primariesOf } from '../../bus/redis-connection.ts';
import { describeEviction } from '../../bus/redis-eviction.ts';
import { explainRefusal } from '../../bus/refusal.ts';
import { messageOf } from '../../errors.ts';
import { duration, type Finding, fault, note, ok, warning } from '../finding.ts';
import type { Lookout } from '../lookout.ts';

/** The oldest version that has all commands, as docs/redis.md says. */
const OLDEST = [6, 2] as const;
/** Clocks that differ by more than this make revocations and deletions late or early, in milliseconds. */
const SKEW_MS = 1000;
/** Of several questions for the time, the quickest answer says it best. */
const TIME_QUESTIONS = 5;
/** From this share of its memory on, Redis is nearly full. */
const NEARLY_FULL = 0.9;

type Info = (name: string) => string | undefined;

/** How Redis is set, by its INFO, and how its clock differs from ours. Of a Cluster: each primary. */
export async function examineRedis(
  { redis, history }: Lookout,
  address: RedisAddress,
): Promise<readonly Finding[]> {
  const nodes = primariesOf(redis);
  const each = await Promise.all(nodes.map((node) => examineNode(node, address)));
  const clock = isOtherForm(each.flat()) ? [] : [await measureSkew(history)];
  if (nodes.length === 1) return [...each.flat(), ...clock];
  const named = each.flatMap((findings, at) => {
    const { host = '', port = 0 } = nodes[at]?.options ?? {};
    return findings.map((finding) => ({ ...finding, about: `${finding.about} of ${host}:${port}` }));
  });
  return [
    ...named.filter(({ level }) => level !== 'ok'),
    ok('form', `Cluster of ${nodes.length} primaries`),
    ...clock,
  ];
}

async function examineNode(node: Redis, address: RedisAddress): Promise<readonly Finding[]> {
  try {
    const text = await node.info();
    const info: Info = (name) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(text)?.[1];
    const form = examineForm(info, address);
    if (isOtherForm(form)) return form;
    return [
      ...examineVersion(info),
      ...form,
      ...examineReplicas(info, address),
      ...examinePersistence(info),
      ...examineMemory(info),
    ];
  } catch (error) {
    return [warning('INFO', explainRefusal(messageOf(error)), 'allow +info to see how Redis is set')];
  }
}

/** Whether it is not what `REDIS_URL` says: then there is no use in looking further. */
export const isOtherForm = (findings: readonly Finding[]): boolean =>
  findings.some(({ level, about }) => level === 'fault' && about === 'form');

function examineVersion(info: Info): readonly Finding[] {
  const version = info('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return [isOld ? fault('version', version, `use ${OLDEST.join('.')} or newer`) : ok('version', version)];
}

/** Whether what answers is what `REDIS_URL` says. */
function examineForm(info: Info, { form }: RedisAddress): readonly Finding[] {
  if (info('redis_mode') === 'sentinel')
    return [fault('form', 'this is a sentinel', 'write redis+sentinel://… in REDIS_URL')];
  if (info('cluster_enabled') === '1' && form !== 'cluster')
    return [fault('form', 'this is a node of a Cluster', 'write redis+cluster://… in REDIS_URL')];
  return [ok('form', { single: 'one server', sentinel: 'Sentinel', cluster: 'Cluster' }[form])];
}

function examineReplicas(info: Info, { form }: RedisAddress): readonly Finding[] {
  if (info('role') === 'slave' && form !== 'cluster')
    return [fault('role', 'it is a replica', 'point REDIS_URL at the primary, or at the sentinels')];
  const replicas = Number(info('connected_slaves') ?? 0);
  if (replicas === 0)
    return form === 'single'
      ? []
      : [warning('replicas', 'none follows this primary', 'nothing can take over from it')];
  return info('min_slaves_good_slaves') === undefined
    ? [
        warning(
          'replicas',
          `${replicas}; without any, the primary takes events all the same`,
          'set min-replicas-to-write 1, so that a primary that is cut off takes none',
        ),
      ]
    : [ok('replicas', `${replicas}`)];
}

function examinePersistence(info: Info): readonly Finding[] {
  const failed = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'].filter(
    (name) => (info(name) ?? 'ok') !== 'ok',
  );
  if (failed.length > 0)
    return [
      fault('persistence', `it cannot save its data (${failed.join(', ')})`, 'look at its log and its disk'),
    ];
  return [
    info('aof_enabled') === '1'
      ? ok('persistence', 'appendonly')
      : warning(
          'persistence',
          'appendonly is off: after a crash subscribers must fetch again, and revoked tokens are let in',
          'set appendonly yes',
        ),
  ];
}

function examineMemory(info: Info): readonly Finding[] {
  const policy = info('maxmemory_policy');
  const [used, most] = [Number(info('used_memory') ?? 0), Number(info('maxmemory') ?? 0)];
  const eviction =
    policy === undefined || policy === 'noeviction'
      ? ok('eviction', policy ?? 'not known')
      : warning('eviction', describeEviction(policy), 'set maxmemory-policy noeviction');
  const full =
    most > 0 && used > NEARLY_FULL * most
      ? [
          warning(
            'memory',
            `${Math.round((100 * used) / most)} % of maxmemory is used`,
            'give it more, or keep fewer events',
          ),
        ]
      : [];
  return [eviction, ...full];
}

async function measureSkew(history: Lookout['history']): Promise<Finding> {
  let best = { roundTrip: Number.POSITIVE_INFINITY, skew: 0 };
  for (let question = 0; question < TIME_QUESTIONS; question += 1) {
    const before = Date.now();
    const there = await history.now();
    const after = Date.now();
    if (after - before < best.roundTrip)
      best = { roundTrip: after - before, skew: there - (before + after) / 2 };
  }
  const says = `Redis’ clock differs from ours by ${duration(best.skew)} (± ${duration(best.roundTrip / 2 + 1)})`;
  return Math.abs(best.skew) > SKEW_MS
    ? warning('clock', says, 'let all machines follow one time server (NTP)')
    : ok('clock', says);
}

/** Publishes a message to ourselves: what Redis confirms as subscribed may bring nothing all the same. */
export async function examineRoundTrip({ names, subscribe, publish }: Lookout): Promise<Finding> {
  const channel = names.answersTo(crypto.randomUUID());
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let close = (): void => undefined;
  const arrived = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ROUND_TRIP_MS, false);
    const subscription = subscribe({ channel }, () => resolve(true));
    close = subscription.close;
    subscription.ready.then(() => publish(channel, 'doctor')).catch(() => resolve(false));
  });
  const isReceived = await arrived;
  clearTimeout(timer);
  close();
  return isReceived
    ? ok('Pub/Sub', `a message to ourselves arrived after ${duration(performance.now() - began)}`)
    : fault(
        'Pub/Sub',
        'a message to ourselves did not arrive',
        'see the rights below; do all addresses lead to the same primary?',
      );
}

/** How long a message may take, in milliseconds. */
const ROUND_TRIP_MS = 3000;

export const unreachable = (reason: string): Finding =>
  fault(
    'reachable',
    reason,
    'is it running, and is REDIS_URL right, seen from this machine? rediss:// is for a port with TLS, and for no other',
  );
export const notExamined = (about: string): Finding =>
  note(about, 'not examined, since Redis must be mended first');
