import type { RedisConnection } from './redis-connection.ts';
import { commandsFor, type WantedName } from './redis-wanted.ts';
import { refusalCode } from './refusal.ts';

export interface AttemptOutcomes {
  readonly onConfirmed: (entry: WantedName) => void;
  /** @param wasTogether whether other names were in the same command: then it may have been refused for one of those. */
  readonly onRefused: (entries: readonly WantedName[], error: unknown, wasTogether: boolean) => void;
  /** Every name has been answered for. */
  readonly onSettled: () => void;
}

/** How many names may be tried alone, after Redis has refused a whole command for one of its names. */
export interface TriedAlone {
  left: number;
}

/** The commands by which names are subscribed. */
export interface Attempts {
  /** Tries names together. Where Redis refuses them, as many of them are tried alone as `triedAlone` leaves. */
  tryAll(entries: readonly WantedName[], triedAlone: TriedAlone): void;
  /** The answer for a name does not count any more: it is not wanted, or the connection was lost. */
  end(entry: WantedName): void;
  /** Whether an answer is missing. */
  readonly areUnderWay: boolean;
}

export function createAttempts(connection: RedisConnection, outcomes: AttemptOutcomes): Attempts {
  /** How many names wait for an answer. */
  let inFlight = 0;

  function begin(entry: WantedName, token: object): void {
    if (entry.attempt === undefined) inFlight += 1;
    entry.attempt = token;
  }

  function end(entry: WantedName): void {
    if (entry.attempt !== undefined) inFlight -= 1;
    entry.attempt = undefined;
  }

  function attempt(entries: readonly WantedName[], triedAlone: TriedAlone): void {
    const token = {};
    const [first] = entries;
    if (first === undefined) return;
    for (const entry of entries) begin(entry, token);
    const names = entries.map(({ name }) => name);
    const answer = first.isPattern ? connection.psubscribe(...names) : connection.subscribe(...names);
    const settle = (take: (current: readonly WantedName[]) => void): void => {
      const current = entries.filter((entry) => entry.attempt === token);
      if (current.length === 0) return; // they are wanted no more, or the connection was lost
      for (const entry of current) end(entry);
      take(current);
      if (inFlight === 0) outcomes.onSettled();
    };
    answer.then(
      // The refusal of a password arrives before this answer, and becomes an `error` in the same turn.
      () => setImmediate(settle, (current: readonly WantedName[]) => current.forEach(outcomes.onConfirmed)),
      (error: unknown) => settle((current) => refuse(current, error, entries.length > 1, triedAlone)),
    );
  }

  function refuse(
    entries: readonly WantedName[],
    error: unknown,
    wasTogether: boolean,
    triedAlone: TriedAlone,
  ): void {
    // Only a right that is missing may be the matter of one name.
    const mayDiffer = wasTogether && refusalCode(error) === 'NOPERM';
    const alone = mayDiffer ? entries.slice(0, triedAlone.left) : [];
    triedAlone.left -= alone.length;
    for (const entry of alone) attempt([entry], triedAlone);
    outcomes.onRefused(entries.slice(alone.length), error, wasTogether);
  }

  return {
    tryAll(entries, triedAlone) {
      for (const names of commandsFor(entries)) attempt(names, triedAlone);
    },
    end,
    get areUnderWay() {
      return inFlight > 0;
    },
  };
}
