import type { SystemName } from './systems.ts';

/** In how many rounds each system takes part. A system that is not named takes part in none. */
export type Rounds = Readonly<Partial<Record<SystemName, number>>>;

/** The size of each measurement. */
export interface Plan {
  readonly name: 'full' | 'quick';
  /** The number of sockets in scenarios that do not vary it. */
  readonly sockets: number;
  /** Processes that have just started, and connections one after another. */
  readonly freshConnect: { readonly rounds: Rounds };
  readonly connect: { readonly rounds: Rounds };
  /** Two workers beside one process. */
  readonly workers: { readonly rounds: Rounds; readonly events: number; readonly perSecond: number };
  readonly steady: {
    /** The number of turns of each system. */
    readonly slices: number;
    readonly secondsPerSlice: number;
    readonly eventsPerSecond: number;
  };
  readonly burst: { readonly rounds: Rounds; readonly events: number };
  readonly audiences: {
    readonly rounds: Rounds;
    readonly units: readonly number[];
    readonly deliveries: number;
    readonly deliveriesPerSecond: number;
  };
  readonly crowds: {
    readonly rounds: Rounds;
    /** Each size with the events that are published to it. */
    readonly sizes: readonly {
      readonly sockets: number;
      readonly events: number;
      readonly perSecond: number;
    }[];
  };
  readonly memory: { readonly rounds: Rounds; readonly from: number; readonly to: number };
  readonly slowClients: {
    readonly rounds: Rounds;
    readonly slow: number;
    readonly bursts: number;
    readonly eventsPerBurst: number;
    readonly padding: number;
  };
  /** The clients that resume, and the number of events that each has missed. */
  readonly replay: { readonly rounds: Rounds; readonly clients: number; readonly events: number };
  /** How long sockets connect and leave, in groups of this size. 0: the scenario does not run. */
  readonly churn: { readonly minutes: number; readonly sockets: number };
}

const FULL: Plan = {
  name: 'full',
  sockets: 1000,
  freshConnect: { rounds: { ours: 5, bare: 5, centrifugo: 5, stock: 3 } },
  connect: { rounds: { ours: 9, bare: 9, centrifugo: 9, stock: 3 } },
  workers: {
    rounds: { ours: 5, workers: 5 },
    events: 30,
    perSecond: 10,
  },
  steady: { slices: 15, secondsPerSlice: 2, eventsPerSecond: 10 },
  burst: { rounds: { ours: 5, compressed: 5, bare: 5, centrifugo: 5, stock: 2 }, events: 100 },
  audiences: {
    rounds: { ours: 3, compressed: 3, bare: 3, centrifugo: 3, stock: 3 },
    units: [1, 10, 100, 1000],
    deliveries: 10_000,
    deliveriesPerSecond: 5000,
  },
  crowds: {
    rounds: { ours: 3, bare: 3 },
    sizes: [
      { sockets: 1, events: 400, perSecond: 200 },
      { sockets: 10, events: 400, perSecond: 200 },
      { sockets: 100, events: 100, perSecond: 50 },
      { sockets: 1000, events: 20, perSecond: 10 },
      { sockets: 10_000, events: 6, perSecond: 2 },
    ],
  },
  memory: {
    rounds: { ours: 3, compressed: 3, bare: 3, centrifugo: 3, stock: 2 },
    from: 1000,
    to: 5000,
  },
  slowClients: {
    rounds: { ours: 2, bare: 2 },
    slow: 100,
    bursts: 30,
    eventsPerBurst: 10,
    padding: 20_000,
  },
  replay: {
    rounds: { ours: 3, bare: 3 },
    clients: 1000,
    events: 10_000,
  },
  churn: { minutes: 0, sockets: 500 },
};

const QUICK: Plan = {
  ...FULL,
  name: 'quick',
  freshConnect: { rounds: { ours: 2, bare: 2, centrifugo: 2, stock: 1 } },
  connect: { rounds: { ours: 3, bare: 3, centrifugo: 3, stock: 1 } },
  workers: { ...FULL.workers, rounds: { ...FULL.workers.rounds, ours: 2, workers: 2 } },
  steady: { ...FULL.steady, slices: 5 },
  burst: { ...FULL.burst, rounds: { ours: 1, compressed: 1, bare: 1, centrifugo: 1, stock: 1 } },
  audiences: {
    ...FULL.audiences,
    rounds: { ours: 1, compressed: 1, bare: 1, centrifugo: 1 },
  },
  crowds: {
    rounds: { ours: 1, bare: 1 },
    sizes: FULL.crowds.sizes.filter(({ sockets }) => sockets < 10_000),
  },
  memory: {
    rounds: { ours: 1, compressed: 1, bare: 1, centrifugo: 1 },
    from: 1000,
    to: 3000,
  },
  slowClients: {
    ...FULL.slowClients,
    rounds: { ours: 1, bare: 1 },
  },
  replay: {
    rounds: { ours: 1, bare: 1 },
    clients: 200,
    events: 2000,
  },
};

export const PLANS = { full: FULL, quick: QUICK } as const;
