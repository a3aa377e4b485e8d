import type { SubscriptionState } from './bus.ts';

/** A channel or pattern that this process wants to receive. */
export interface WantedName {
  readonly name: string;
  readonly isPattern: boolean;
  readonly observers: Set<(state: SubscriptionState) => void>;
  /** The newest attempt, while it is under way: answers to older ones do not count. */
  attempt: object | undefined;
  /** Whether Redis has confirmed it on the present connection. */
  isConfirmed: boolean;
  /** What Redis answered, if it refuses. */
  refusal: string | undefined;
  /** Since when it is not confirmed, by `performance.now()`. */
  since: number;
  /** Whether messages may have been missed since it was first wanted. */
  hasMissed: boolean;
  /** What its observers know. */
  state: SubscriptionState;
}

function createWantedName(name: string, isPattern: boolean): WantedName {
  return {
    name,
    isPattern,
    observers: new Set(),
    attempt: undefined,
    isConfirmed: false,
    refusal: undefined,
    since: performance.now(),
    hasMissed: false,
    state: 'away',
  };
}

/**
 * How the subscription stands:
 *
 * | confirmed | refused | state                                                       |
 * |-----------|---------|-------------------------------------------------------------|
 * | yes       |         | `live`; `away` while the connection is not trusted          |
 * | no        | yes     | `refused`                                                   |
 * | no        | no      | `away`                                                      |
 */
function stateOf(wanted: WantedName, isTrusted: boolean): SubscriptionState {
  if (wanted.isConfirmed) return isTrusted ? 'live' : 'away';
  return wanted.refusal === undefined ? 'away' : 'refused';
}

/** Brings its observers up to date. */
function updateState(wanted: WantedName, isTrusted: boolean): void {
  const state = stateOf(wanted, isTrusted);
  if (state === wanted.state) return;
  wanted.state = state;
  for (const observer of [...wanted.observers]) observer(state);
}

/** All wanted names, and what is known of each. */
export interface WantedNames {
  add(name: string, isPattern: boolean): WantedName;
  /** Removes a name of this form, if it is there. Its observers are not called any more. */
  remove(name: string, isPattern: boolean): WantedName | undefined;
  get(name: string): WantedName | undefined;
  /** In the order in which names are tried alone: the one whose attempt is longest ago comes first. */
  all(): readonly WantedName[];
  /** The names that are not confirmed. */
  readonly missing: ReadonlySet<WantedName>;
  /** Calls back when a wanted name changes its state. Returns how to stop. */
  observe(name: string, onState: (state: SubscriptionState) => void): () => void;
  confirm(entry: WantedName): void;
  /**
   * @param refusal what Redis answered; `undefined`: it did not answer.
   * @param wasTogether whether other names were in the same command. If not, the others come first next time.
   */
  refuse(entry: WantedName, refusal: string | undefined, wasTogether: boolean): void;
  /** Notes why no missing name is confirmed; `undefined`: Redis does not answer. */
  refuseMissing(refusal: string | undefined): void;
  /** The connection was lost, and what was confirmed on it. Observers are notified by {@link WantedNames.updateAll}. */
  loseAll(): void;
  /** Brings all observers up to date. */
  updateAll(): void;
  /** Every name counts as `away` until `trust`: the connection may not bring messages. */
  distrust(): void;
  trust(): void;
  /** Reports, once and not before the connection is trusted, that names are live again on which messages may have been missed. */
  notifyRestored(): void;
  clear(): void;
}

export function createWantedNames(onRestored: () => void): WantedNames {
  const wanted = new Map<string, WantedName>();
  const missing = new Set<WantedName>();
  let isTrusted = true;
  let hasRestored = false;

  function updateAll(): void {
    for (const entry of [...wanted.values()]) updateState(entry, isTrusted);
  }

  /** Its messages arrive again: those that were missed are worth a report. */
  function restore(entry: WantedName): void {
    hasRestored ||= entry.hasMissed;
    entry.hasMissed = false;
  }

  function notifyRestored(): void {
    if (!hasRestored || !isTrusted) return;
    hasRestored = false;
    onRestored();
  }

  return {
    add(name, isPattern) {
      const entry = createWantedName(name, isPattern);
      wanted.set(name, entry);
      missing.add(entry);
      return entry;
    },
    remove(name, isPattern) {
      const entry = wanted.get(name);
      if (entry?.isPattern !== isPattern) return undefined;
      wanted.delete(name);
      missing.delete(entry);
      entry.observers.clear();
      return entry;
    },
    get: (name) => wanted.get(name),
    all: () => [...wanted.values()],
    missing,
    observe(name, onState) {
      const entry = wanted.get(name);
      entry?.observers.add(onState);
      return () => void entry?.observers.delete(onState);
    },
    confirm(entry) {
      entry.isConfirmed = true;
      entry.refusal = undefined;
      missing.delete(entry);
      restore(entry);
      updateState(entry, isTrusted);
    },
    refuse(entry, refusal, wasTogether) {
      entry.hasMissed = true;
      entry.refusal = refusal ?? entry.refusal;
      if (!wasTogether && wanted.delete(entry.name)) wanted.set(entry.name, entry);
      updateState(entry, isTrusted);
    },
    refuseMissing(refusal) {
      for (const entry of missing) entry.refusal = refusal;
      updateAll();
    },
    loseAll() {
      for (const entry of wanted.values()) {
        entry.hasMissed ||= entry.isConfirmed;
        if (entry.isConfirmed) entry.since = performance.now();
        entry.isConfirmed = false;
        missing.add(entry);
      }
    },
    updateAll,
    distrust() {
      isTrusted = false;
      for (const entry of wanted.values()) entry.hasMissed ||= entry.isConfirmed;
      updateAll();
    },
    trust() {
      isTrusted = true;
      for (const entry of wanted.values()) if (entry.isConfirmed) restore(entry);
      updateAll();
      notifyRestored();
    },
    notifyRestored,
    clear() {
      wanted.clear();
      missing.clear();
    },
  };
}

/** How many names go into one command. */
const CHUNK = 100;

/** The names that go into one command each: either channels or patterns. */
export function* commandsFor(names: readonly WantedName[]): Generator<readonly WantedName[]> {
  for (const isPattern of [false, true]) {
    const ofForm = names.filter((wanted) => wanted.isPattern === isPattern);
    for (let from = 0; from < ofForm.length; from += CHUNK) yield ofForm.slice(from, from + CHUNK);
  }
}
