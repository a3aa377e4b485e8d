/** How a validation makes something happen: through Redis, or through programs of the operator. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Retention, Revocation } from '../../bus/bus.ts';
import { createRedisKeys } from '../../bus/redis-keys.ts';
import { createRedisLog } from '../../bus/redis-log.ts';
import type { Channel, TopicNames } from '../../events/topic-names.ts';
import type { Lookout } from '../lookout.ts';
import type { Probe } from './probe.ts';

/** Publishes probe events. */
export interface ProbePublisher {
  /** Resolves once they are published, in this order. */
  publish(probes: readonly Probe[]): Promise<void>;
  /** Publishes a message to a channel without checking it; `undefined`: cannot. */
  readonly publishRaw: ((channel: Channel, event: object) => Promise<void>) | undefined;
}

export type Whose = Pick<Revocation, 'action' | 'whose' | 'id'>;

export interface Revoker {
  revoke(whose: Whose): Promise<void>;
  /** Puts a revocation on record, of which no message is sent; `undefined`: cannot. */
  readonly revokeSilently: ((whose: Whose) => Promise<void>) | undefined;
}

/** How long a revocation of a validation is remembered, in seconds: longer than the tokens of a validation live. */
const REMEMBERED_SECONDS = 86_400;

export function publishThroughRedis({ redis, names }: Lookout, kept: Retention): ProbePublisher {
  const log = createRedisLog(redis);
  const append = async (channel: Channel, id: string, event: object): Promise<void> => {
    await log.append(names.logKeysOf(channel), id, JSON.stringify(event), kept);
  };
  return {
    async publish(probes) {
      for (const { channel, id, event } of probes) await append(channel, id, event);
    },
    publishRaw: async (channel, event) => {
      await redis.publish(names.nameOf(channel).channel ?? '', JSON.stringify(event));
    },
  };
}

export function revokeThroughRedis({ redis, names }: Lookout): Revoker {
  const keys = createRedisKeys(redis, { read: (read) => read(), write: (answer) => answer });
  const revoke = (whose: Whose, channel: string | undefined): Promise<void> =>
    keys.revoke({ ...whose, record: names.revocations, channel, seconds: REMEMBERED_SECONDS });
  return {
    revoke: (whose) => revoke(whose, names.session),
    revokeSilently: (whose) => revoke(whose, undefined),
  };
}

/** @param command gets one line of JSON for each event, `{"channel":"dms:request:unit:5","event":{…}}`, and ends once all are published. */
export function publishByCommand(command: string, names: TopicNames): ProbePublisher {
  return {
    publish: (probes) =>
      runCommand(
        'publish-command',
        command,
        probes.map(({ channel, event }) => ({ channel: names.nameOf(channel).channel, event })),
      ),
    publishRaw: undefined,
  };
}

/** @param command gets a line of JSON as a message of revocation has it: `{"action":"REVOKED","userId":"17"}`. */
export function revokeByCommand(command: string): Revoker {
  return {
    revoke: ({ action, whose, id }) =>
      runCommand('revoke-command', command, [{ action, [whose === 'user' ? 'userId' : 'jti']: id }]),
    revokeSilently: undefined,
  };
}

/**
 * Runs a program of the operator by the shell.
 * @param option names it in an error, which gets into the report: the command itself may have a password.
 * @throws where it does not end with 0.
 */
export async function runCommand(option: string, command: string, lines: readonly object[]): Promise<void> {
  const child = spawn(command, { shell: true, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.on('error', () => undefined); // a program that does not read all is judged by its exit code
  child.stdin.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the program of --${option} ended with ${code}`);
}
