import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';

/** How often Redis is asked again, in milliseconds. */
const ASK_MS = 300_000;

export interface Eviction {
  /** Why Redis may lose what it should keep, in an operator's words. */
  readonly danger: string | undefined;
  /** Asks now. */
  ask(): void;
  close(): void;
}

/**
 * Finds out whether Redis may throw keys away when its memory is full. It asks by INFO, since managed Redis rarely allows CONFIG. If
 * INFO is refused too, that is logged at debug level only.
 */
export function watchEviction(info: () => Promise<string>, log: Logger): Eviction {
  let danger: string | undefined;

  async function ask(): Promise<void> {
    try {
      const [, policy] = /^maxmemory_policy:(\S+)/m.exec(await info()) ?? [];
      danger = policy === undefined || policy === 'noeviction' ? undefined : describeEviction(policy);
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'could not ask Redis for its eviction policy');
    }
  }

  const timer = setInterval(() => void ask(), ASK_MS);
  return {
    get danger() {
      return danger;
    },
    ask: () => void ask(),
    close: () => clearInterval(timer),
  };
}

export function describeEviction(policy: string): string {
  const consequence = policy.startsWith('volatile-')
    ? 'forgets first which events it has had, so that one that is sent twice is delivered twice'
    : 'throws away logs and revocations: clients must refetch, and a revoked token is let in';
  return `Redis’ maxmemory-policy is ${policy}: when its memory is full it ${consequence}. Set it to noeviction.`;
}
