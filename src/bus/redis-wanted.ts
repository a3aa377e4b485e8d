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

export function createWantedName(name: string, isPattern: boolean): WantedName {
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
 * | yes       |         | `live`; `away` while the connection is not trusted  |
 * | no        | yes     | `refused`                                                   |
 * | no        | no      | `away`                                                      |
 */
function stateOf(wanted: WantedName, isTrusted: boolean): SubscriptionState {
  if (wanted.isConfirmed) return isTrusted ? 'live' : 'away';
  return wanted.refusal === undefined ? 'away' : 'refused';
}

/** Brings its observers up to date. */
export function updateState(wanted: WantedName, isTrusted: boolean): void {
  const state = stateOf(wanted, isTrusted);
  if (state === wanted.state) return;
  wanted.state = state;
  for (const observer of [...wanted.observers]) observer(state);
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
