import type { Bus } from '../bus/bus.ts';
import { digestOf } from '../bus/envelope.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ForeignPublishers } from './foreign.ts';

/** Distinguishes messages that were published through our Redis from those of another Redis, or of another database. */
export interface Generation {
  /**
   * Passes a message on if it is ours: at once if its generation is known, otherwise after the key was read. Messages of the same
   * generation keep their order. A message that is not ours is never passed on.
   * @param digest the generation that the message carries.
   */
  admit(digest: string, pass: () => void): void;
  /** Another Redis may answer now: a generation that was foreign may be ours. */
  forget(): void;
}

/** For how long a generation counts as foreign before the key is read again, in milliseconds. */
export const RECHECK_MS = 10_000;
/** How many foreign generations are remembered, and how many former ones of our own. */
const REMEMBERED = 16;
/** How many messages wait until the key was read. Those beyond are dropped: if they are ours, the log has them as well. */
const MAX_PENDING = 1000;

/** @param key holds the generation (events/topic-names.ts). */
export function watchGeneration(
  bus: Pick<Bus, 'read'>,
  key: string,
  foreign: Pick<ForeignPublishers, 'notice'>,
  log: Logger,
): Generation {
  let current: string | undefined;
  /** The generations that our Redis had before it lost its data: messages of those may still be on their way. */
  const former = new Set<string>();
  /** When each was found not to be ours. */
  const strange = new Map<string, number>();
  let pending: { readonly digest: string; readonly pass: () => void }[] = [];
  let isReading = false;

  const isOurs = (digest: string): boolean => digest === current || former.has(digest);

  function isKnownToBeStrange(digest: string): boolean {
    const foundAt = strange.get(digest);
    return foundAt !== undefined && performance.now() - foundAt < RECHECK_MS;
  }

  async function readOn(): Promise<void> {
    if (isReading) return;
    isReading = true;
    try {
      while (pending.length > 0) {
        // A generation that comes from now on may be newer than the answer.
        const asked = new Set(pending.map(({ digest }) => digest));
        const [generation] = await bus.read([key]);
        learn(generation == null ? undefined : digestOf(generation));
        decide(asked);
      }
    } catch (error) {
      log.debug({ key, reason: messageOf(error) }, 'could not read a generation');
      pending = []; // what is ours of them is missing then, and is found in the log
    } finally {
      isReading = false;
    }
  }

  function learn(digest: string | undefined): void {
    if (digest !== current && current !== undefined) remember(former, current);
    current = digest;
  }

  function decide(asked: ReadonlySet<string>): void {
    const waiting = pending;
    pending = [];
    for (const message of waiting) {
      const { digest, pass } = message;
      if (isOurs(digest)) pass();
      else if (asked.has(digest)) refuse(digest);
      else pending.push(message);
    }
  }

  function refuse(digest: string): void {
    if (!isKnownToBeStrange(digest)) {
      strange.delete(digest);
      strange.set(digest, performance.now());
      const [oldest] = strange.keys();
      if (strange.size > REMEMBERED && oldest !== undefined) strange.delete(oldest);
    }
    foreign.notice();
  }

  return {
    admit(digest, pass) {
      if (digest === current) pass();
      else if (isKnownToBeStrange(digest)) foreign.notice();
      else if (former.has(digest)) pass();
      else if (pending.length < MAX_PENDING) {
        pending.push({ digest, pass });
        void readOn();
      }
    },
    forget() {
      strange.clear();
    },
  };
}

function remember(known: Set<string>, digest: string): void {
  known.add(digest);
  const [oldest] = known;
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
}
