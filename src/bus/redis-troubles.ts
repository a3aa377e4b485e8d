import type { Health } from '../health.ts';
import type { Eviction } from './redis-eviction.ts';
import type { Link } from './redis-link.ts';
import type { RoundTrip } from './redis-round-trip.ts';
import type { MissingName, Subscriptions } from './redis-subscriptions.ts';
import type { Writes } from './redis-writes.ts';
import { explainRefusal } from './refusal.ts';

/** How often the state of Redis is looked at, in milliseconds. */
const LOOK_MS = 250;
/** A trouble is reported once it has lasted this long, in milliseconds: a connection may be made again at once, a topic may just open. */
const GRACE_MS = 1000;

export interface TroubleSources {
  readonly links: readonly Link[];
  readonly subscriptions: Subscriptions;
  readonly roundTrip: RoundTrip;
  readonly writes: Writes;
  readonly eviction: Eviction;
  /** The channels that the account must be allowed to publish on, for this process to reach itself. */
  readonly probeChannels: string;
}

/** Reports to the health of the process what is wrong with its Redis. Returns how to stop. */
export function reportTroubles(sources: TroubleSources, { report }: Pick<Health, 'report'>): () => void {
  const { links, subscriptions, roundTrip, writes, eviction } = sources;
  /** The missing name that is reported. It stays the same while it is missing, so that the log gets one line. */
  let named: string | undefined;

  function look(): void {
    if (links.some(({ downSince }) => downSince !== undefined)) return; // the rest is not known now
    const deaf = describeMissing() ?? describeDeaf();
    const refusal = deaf ?? describeUnproven();
    report(
      'redis-deaf',
      refusal === undefined ? undefined : { reason: refusal, isBlocking: deaf !== undefined },
    );
    report('redis-refuses-writes', mild(writes.refusal && `Redis refuses writes: ${writes.refusal}`));
    report('redis-evicts', mild(eviction.danger));
  }

  function describeMissing(): string | undefined {
    const lasting = findLasting(subscriptions.missing, named);
    named = lasting?.name;
    if (lasting === undefined) return undefined;
    const why = lasting.refusal === undefined ? 'it has not answered' : explainRefusal(lasting.refusal);
    return `This server is not subscribed to all that it needs, such as ${lasting.name}, so that events or revocations may be missed. Redis: ${why}`;
  }

  function describeDeaf(): string | undefined {
    return roundTrip.isDeaf
      ? 'What is published to Redis does not arrive here, although it is subscribed: do all addresses lead to the same primary?'
      : undefined;
  }

  function describeUnproven(): string | undefined {
    const isSubscribed = [...subscriptions.missing].length === 0;
    return roundTrip.refusal === undefined || !isSubscribed
      ? undefined
      : `It cannot be proven that published events arrive: allow the account to PUBLISH to ${sources.probeChannels} (${roundTrip.refusal})`;
  }

  const stopReporting = reportDown(links, { report });
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    stopReporting();
  };
}

/** Reports connections that are lost for longer than a moment. Returns how to stop. */
export function reportDown(links: readonly Link[], { report }: Pick<Health, 'report'>): () => void {
  const timer = setInterval(() => {
    const down = links.find(hasLasted);
    report('redis-unreachable', down && { reason: describeDown(down), isBlocking: true });
  }, LOOK_MS);
  return () => clearInterval(timer);
}

const mild = (reason: string | undefined) =>
  reason === undefined ? undefined : { reason, isBlocking: false };

function hasLasted({ downSince }: Link): boolean {
  return downSince !== undefined && performance.now() - downSince > GRACE_MS;
}

function describeDown({ reason }: Link): string {
  return `Lost the connection to Redis, trying again: ${reason}`;
}

/** A name that has been missing for a while: the one that was found last time, if it still is. */
function findLasting(missing: Iterable<MissingName>, named: string | undefined): MissingName | undefined {
  const now = performance.now();
  let found: MissingName | undefined;
  for (const one of missing) {
    if (now - one.since <= GRACE_MS) continue;
    if (one.name === named) return one;
    if (found === undefined || one.name < found.name) found = one;
  }
  return found;
}
