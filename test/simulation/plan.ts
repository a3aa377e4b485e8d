import type { Retention } from '../../src/bus/bus.ts';
import { createRandom, type Random } from './random.ts';
import type { Refusal } from './redis.ts';
import type { Bounds } from './server.ts';
import { UNITS, USERS, type Viewer, type Wish } from './wishes.ts';

/** Something that happens, at a time in milliseconds after the start. Numbers choose among the things that exist then. */
export type Step = { readonly at: number } & (
  | {
      readonly does: 'publish' | 'publish bare' | 'publish bad' | 'publish foreign';
      readonly to: Target;
      readonly count: number;
    }
  | { readonly does: 'subscribe'; readonly client: number; readonly wish: Wish }
  | { readonly does: 'unsubscribe'; readonly client: number; readonly which: number }
  | {
      readonly does: 'resubscribe';
      readonly client: number;
      readonly which: number;
      readonly by: 'old' | 'foreign' | 'garbage';
    }
  | { readonly does: 'cut client'; readonly client: number; readonly noticedAfterMs: number }
  | { readonly does: 'stall client'; readonly client: number; readonly forMs: number }
  | {
      readonly does: 'cut Redis';
      readonly server: number;
      readonly connection: 'subscriber' | 'commands';
      readonly noticedAfterMs: number;
    }
  | {
      readonly does: 'bad weather';
      readonly latencyMs: number;
      readonly loss: number;
      readonly repetition: number;
      readonly forMs: number;
    }
  | { readonly does: 'refuse'; readonly refusal: Refusal; readonly forMs: number }
  | { readonly does: 'fail over'; readonly lost: number; readonly oldLivesMs: number }
  | { readonly does: 'restart Redis'; readonly lost: number; readonly downMs: number }
  | { readonly does: 'sweep'; readonly seconds: number }
  | { readonly does: 'kill server'; readonly server: number; readonly downMs: number }
);

/** The topic of an event. */
export interface Target {
  readonly kind: 'crate' | 'sendback' | 'kpis';
  /** A unit, a user (of send-backs), or all units together (of KPIs). */
  readonly scope: 'unit' | 'user' | 'together';
  readonly id: string;
  readonly crateId: string;
}

export type Harm = 'none' | 'age' | 'any';

/** The plan of a run. */
export interface Plan {
  readonly seed: number;
  readonly servers: number;
  readonly viewers: readonly Viewer[];
  readonly bounds: Bounds;
  readonly retention: Retention;
  /**
   * Whether steps may delete events from the logs before all subscribers have them. `none`: no step does. `age`: only steps that
   * delete old events. `any`: many steps do, and not all of the losses can be known afterwards.
   */
  readonly harm: Harm;
  /** Whether events are published after the faults have ended. */
  readonly hasLastWords: boolean;
  readonly steps: readonly Step[];
}

/** All steps happen within this time, in milliseconds. */
export const LENGTH_MS = 3000;
const CRATES = ['1', '2'] as const;
/** More entries than any log of a run has. */
export const ALL = 1_000_000;

const VIEWERS: readonly Viewer[] = [
  { userId: '17', unitId: '5', isAdmin: false },
  { userId: '18', unitId: '5', isAdmin: false },
  { userId: '17', unitId: '7', isAdmin: false },
  { userId: '1', unitId: '9', isAdmin: true },
];

export function makePlan(seed: number): Plan {
  const random = createRandom(seed);
  const harm = random.pick(['none', 'none', 'age', 'any', 'any'] as const);
  const isHarmful = harm === 'any';
  const retention = pickRetention(harm, random);
  const viewers = Array.from({ length: random.between(2, 4) }, () => random.pick(VIEWERS));
  const focus = random.chance(0.5) ? random.pick(['crate', 'sendback', 'kpis'] as const) : undefined;
  const makers = makersOf({ random, clients: viewers.length, focus });
  const kinds = isHarmful
    ? [...GENTLE, ...AGING, ...HARMFUL]
    : harm === 'age'
      ? [...GENTLE, ...AGING]
      : GENTLE;
  // Each run has its own mixture of steps, so that some faults often meet.
  const mixture = kinds
    .filter(({ isCommon }) => isCommon === true || random.chance(0.4))
    .map(({ weight, does }) => [weight * random.between(1, 3), does] as const);
  const maxOutboxBytes = random.pick([800, 3000, 100_000]);
  const steps: Step[] = viewers.map((_viewer, client) => ({
    at: random.between(0, 50),
    ...makers.subscribe(client),
  }));
  const count = random.between(10, 45);
  for (let index = 0; index < count; index += 1) {
    const at = random.chance(0.3) ? (steps.at(-1)?.at ?? 0) : random.between(0, LENGTH_MS);
    steps.push({ at, ...makers[random.weighted(mixture)]() });
  }
  return {
    seed,
    servers: random.between(1, 3),
    viewers,
    bounds: {
      keptSeconds: retention.seconds,
      recentBytes: random.pick([0, 400, 2000, 100_000]),
      replayBytes: isHarmful ? random.pick([500, 5000, 1_000_000]) : 1_000_000,
      maxWaiting: random.pick([2, 5, 1000]),
      maxOutboxBytes,
      // The server delivers an eighth of the limit at a time. Otherwise a client that resumes with a long replay would be ended
      // as slow again and again.
      partBytes: random.pick([1, maxOutboxBytes / 8]),
      kpiIntervalMs: random.pick([0, 20, 200]),
      maxExecutionMs: random.pick([0, 0, 0, 10]),
    },
    retention,
    harm,
    hasLastWords: random.chance(0.3),
    steps: steps.sort((one, other) => one.at - other.at),
  };
}

function pickRetention(harm: Harm, random: Random): Retention {
  if (harm === 'age') return { events: 10_000, seconds: random.pick([1, 4, 86_400]) };
  if (harm === 'any' && random.chance(0.4))
    return { events: random.between(1, 6), seconds: random.pick([1, 30]) };
  return { events: 10_000, seconds: 86_400 };
}

type Does = Step['does'];
type Timeless = Step extends infer One ? (One extends Step ? Omit<One, 'at'> : never) : never;

const GENTLE: readonly { readonly does: Does; readonly weight: number; readonly isCommon?: boolean }[] = [
  { does: 'publish', weight: 10, isCommon: true },
  { does: 'publish bare', weight: 2 },
  { does: 'publish bad', weight: 1 },
  { does: 'publish foreign', weight: 1 },
  { does: 'subscribe', weight: 2, isCommon: true },
  { does: 'unsubscribe', weight: 1 },
  { does: 'resubscribe', weight: 2 },
  { does: 'cut client', weight: 3, isCommon: true },
  { does: 'stall client', weight: 2 },
  { does: 'cut Redis', weight: 3 },
  { does: 'bad weather', weight: 2 },
  { does: 'refuse', weight: 1 },
  { does: 'kill server', weight: 1 },
];
const AGING: typeof GENTLE = [{ does: 'sweep', weight: 2 }];
const HARMFUL: typeof GENTLE = [
  { does: 'fail over', weight: 2 },
  { does: 'restart Redis', weight: 2 },
];

interface Choices {
  readonly random: Random;
  readonly clients: number;
  /** The kind of most steps. */
  readonly focus: Target['kind'] | undefined;
}

function makersOf({ random, clients, focus }: Choices) {
  const kind = (): Target['kind'] => focus ?? random.pick(['crate', 'sendback', 'kpis']);
  const anyClient = (): number => random.between(0, clients - 1);
  const which = (): number => random.between(0, 5);

  function target(): Target {
    const chosen = kind();
    const crateId = random.pick(CRATES);
    if (chosen === 'sendback' && random.chance(0.4))
      return { kind: chosen, scope: 'user', id: random.pick(USERS), crateId };
    if (chosen === 'kpis' && random.chance(0.4)) return { kind: chosen, scope: 'together', id: '', crateId };
    return { kind: chosen, scope: 'unit', id: random.pick(UNITS), crateId };
  }

  function wish(): Wish {
    const chosen = kind();
    if (chosen === 'sendback' && random.chance(0.4)) return { kind: chosen, of: 'mine' };
    if (chosen === 'crate' && random.chance(0.5))
      return { kind: chosen, of: 'own', crateId: random.pick(CRATES) };
    return { kind: chosen, of: 'own' };
  }

  const publishing = (
    does: 'publish' | 'publish bare' | 'publish bad' | 'publish foreign',
    most: number,
  ): Timeless => ({
    does,
    to: target(),
    count: random.between(1, most),
  });
  return {
    publish: () => publishing('publish', random.chance(0.001) ? 300 : 5),
    'publish bare': () => publishing('publish bare', 2),
    'publish bad': () => publishing('publish bad', 1),
    'publish foreign': () => publishing('publish foreign', 3),
    subscribe: (client = anyClient()): Timeless => ({ does: 'subscribe', client, wish: wish() }),
    unsubscribe: (): Timeless => ({ does: 'unsubscribe', client: anyClient(), which: which() }),
    resubscribe: (): Timeless => ({
      does: 'resubscribe',
      client: anyClient(),
      which: which(),
      by: random.pick(['old', 'old', 'foreign', 'garbage']),
    }),
    'cut client': (): Timeless => ({
      does: 'cut client',
      client: anyClient(),
      noticedAfterMs: random.pick([0, 20, 1000]),
    }),
    'stall client': (): Timeless => ({
      does: 'stall client',
      client: anyClient(),
      forMs: random.between(10, 1500),
    }),
    'cut Redis': (): Timeless => ({
      does: 'cut Redis',
      server: which(),
      connection: random.pick(['subscriber', 'subscriber', 'commands']),
      noticedAfterMs: random.pick([0, 10, 100, 1500, 12_000]),
    }),
    'bad weather': (): Timeless => ({
      does: 'bad weather',
      latencyMs: random.pick([0, 20, 200]),
      loss: random.pick([0, 0.2, 0.6]),
      repetition: random.pick([0, 0.3]),
      forMs: random.between(20, 1000),
    }),
    refuse: (): Timeless => ({
      does: 'refuse',
      refusal: random.pick(REFUSALS),
      forMs: random.chance(0.2) ? 5500 : random.between(20, 800),
    }),
    'fail over': (): Timeless => ({
      does: 'fail over',
      lost: random.pick([0, 1, 2, 3, 8]),
      oldLivesMs: random.pick([0, 0, 100, 600]),
    }),
    'restart Redis': (): Timeless => ({
      does: 'restart Redis',
      lost: random.pick([0, 2, 10, ALL]),
      downMs: random.between(0, 500),
    }),
    sweep: (): Timeless => ({ does: 'sweep', seconds: random.pick([0, 0.2, 1]) }),
    'kill server': (): Timeless => ({
      does: 'kill server',
      server: which(),
      downMs: random.between(0, 500),
    }),
  } satisfies Record<Does, (client?: number) => Timeless>;
}

const REFUSALS: readonly Refusal[] = [
  { of: 'all', naming: '', message: 'LOADING Redis is loading the dataset in memory' },
  { of: 'all', naming: '', message: 'CLUSTERDOWN The cluster is down' },
  { of: 'writes', naming: '', message: 'READONLY You can’t write against a read only replica.' },
  { of: 'writes', naming: '', message: 'OOM command not allowed when used memory > ’maxmemory’.' },
  { of: 'names', naming: ':', message: 'NOPERM No permissions to access a channel' },
  { of: 'names', naming: ':unit:5', message: 'NOPERM No permissions to access a channel' },
  { of: 'names', naming: ':kpis:', message: 'NOPERM No permissions to access a channel' },
  { of: 'connections', naming: '', message: 'WRONGPASS invalid username-password pair' },
];

export const describeStep = ({ at, ...what }: Step): string => `${at} ms: ${JSON.stringify(what)}`;
