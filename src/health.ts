import type { Logger } from './log.ts';

/** What can be wrong with this process. A closed set: each is a label of the metric `dms_live_trouble`. */
export const TROUBLES = [
  /** Redis does not answer. */
  'redis-unreachable',
  /** A Pub/Sub channel is not subscribed, or the round trip through Pub/Sub fails: events may be missed. */
  'redis-deaf',
  /** Redis answers reads and refuses writes. */
  'redis-refuses-writes',
  /** Redis may evict keys, or could not be asked whether it does. */
  'redis-evicts',
  /** Another installation publishes under our prefix. */
  'foreign-publisher',
  /** The issuer's keys cannot be fetched. */
  'issuer-keys',
] as const;

export type TroubleName = (typeof TROUBLES)[number];

export interface Trouble {
  /** What is wrong and what to do, for the operator. No token, no event, no password. */
  readonly reason: string;
  /** Whether this process should get no traffic until it is over. */
  readonly isBlocking: boolean;
}

/** The answer to `/ready`. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not. */
  readonly reason?: string;
  /** What does not stop traffic, but should be mended. */
  readonly warnings?: readonly string[];
}

/** What is wrong with this process, in one place: `/ready`, the log and the metrics all say the same. */
export interface Health {
  /**
   * Reports a trouble; `undefined`: it is over. The log gets one line for each change, so the same may be reported again.
   */
  report(name: TroubleName, trouble: Trouble | undefined): void;
  readonly troubles: ReadonlyMap<TroubleName, Trouble>;
  readiness(): Readiness;
}

export function createHealth(log: Logger): Health {
  const troubles = new Map<TroubleName, Trouble>();

  return {
    report(name, trouble) {
      const known = troubles.get(name);
      if (known?.reason === trouble?.reason && known?.isBlocking === trouble?.isBlocking) return;
      if (trouble === undefined) {
        troubles.delete(name);
        log.info({ trouble: name }, 'trouble is over');
      } else {
        troubles.set(name, trouble);
        log[trouble.isBlocking ? 'error' : 'warn']({ trouble: name, reason: trouble.reason }, 'trouble');
      }
    },
    troubles,
    readiness() {
      const all = [...troubles.values()];
      const blocking = all.filter(({ isBlocking }) => isBlocking).map(({ reason }) => reason);
      const warnings = all.filter(({ isBlocking }) => !isBlocking).map(({ reason }) => reason);
      return {
        ready: blocking.length === 0,
        ...(blocking.length > 0 && { reason: blocking.join('; ') }),
        ...(warnings.length > 0 && { warnings }),
      };
    },
  };
}
