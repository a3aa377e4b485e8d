import { CRATE_DEEDS } from './crate-deeds.ts';
import type { Deed, Workplace } from './deed.ts';
import { createDesk, type Desk, type Message } from './desk.ts';
import { countKpis } from './kpis.ts';
import { createRequest } from './new-request.ts';
import type { Manner } from './pace.ts';
import { pickWeighted, type Random } from './random.ts';
import { createRecords, type Records } from './records.ts';
import { REQUEST_DEEDS } from './request-deeds.ts';
import { stockUp } from './stock.ts';
import { STORAGE_DEEDS } from './storage-deeds.ts';
import { STAFF, UNITS, type UnitId } from './users.ts';

export type { Message } from './desk.ts';

/** A document management system at work, without a clock or chance of its own: each step is asked for. */
export interface SimulatedDms {
  readonly records: Records;
  /** A colleague does something: one deed in one unit. Answers what is to be published, in this order. */
  step(manner: Manner): Message[];
  /** A visitor does something. */
  act<Result>(work: (desk: Desk) => Result): Done<Result>;
  /** The KPIs of every unit and of all together, as they are now. */
  snapshots(): Message[];
  /** See {@link Desk}. */
  readonly version: number;
}

export interface Done<Result> {
  readonly result: Result;
  /** What is to be published, in this order. */
  readonly messages: Message[];
}

export interface SimulatedDmsOptions {
  readonly random: Random;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Starts each event's id; one run's must differ from every other's. */
  readonly eventIdPrefix: string;
}

const DEEDS: readonly Deed[] = [createRequest, ...REQUEST_DEEDS, ...CRATE_DEEDS, ...STORAGE_DEEDS];

/** Whose turn it is, over and over. The units whose people a visitor can be are busier. */
const TURNS: readonly UnitId[] = ['1', '2', '1', '2', '1', '2', '3'];

/** After this many turns of a unit without an event of a kind it is that kind's turn, so that a subscriber sees something soon. */
const PATIENCE = 5;
const WATCHED = ['sendback', 'storage', 'crate', 'request'] as const;
type Watched = (typeof WATCHED)[number];

export function createSimulatedDms(options: SimulatedDmsOptions): SimulatedDms {
  const records = createRecords();
  const desk = createDesk({ ...options, records });
  const silence = createSilence();
  const publishedFigures = new Map<UnitId | null, string>();
  let turn = 0;
  stockUp(desk);

  function publishKpis(unitId: UnitId | null): void {
    const figures = countKpis(records, unitId, desk.now());
    publishedFigures.set(unitId, JSON.stringify(figures));
    const topic =
      unitId === null
        ? { kind: 'kpis' as const, all: 'together' as const }
        : { kind: 'kpis' as const, unitId };
    desk.publish(topic, { id: desk.newEventId(), computedAt: desk.time(), ...figures });
  }

  function publishChangedKpis(): void {
    for (const unitId of [...UNITS, null]) {
      const figures = JSON.stringify(countKpis(records, unitId, desk.now()));
      if (figures !== publishedFigures.get(unitId)) publishKpis(unitId);
    }
  }

  return {
    records,
    step(manner) {
      const unitId = TURNS[turn++ % TURNS.length] ?? UNITS[0];
      chooseDeed({ desk, unitId, staff: STAFF[unitId], manner }, silence.overdue(unitId))?.();
      publishChangedKpis();
      const messages = desk.take();
      silence.note(unitId, messages);
      return messages;
    },
    act(work) {
      const result = work(desk);
      publishChangedKpis();
      return { result, messages: desk.take() };
    },
    snapshots() {
      for (const unitId of [...UNITS, null]) publishKpis(unitId);
      return desk.take();
    },
    get version() {
      return desk.version();
    },
  };
}

/** Something that can be done now; if it can be, of a kind that is wanted. */
function chooseDeed(workplace: Workplace, wanted: readonly Watched[]): (() => void) | undefined {
  const possible = DEEDS.flatMap(({ weight, publishes, find }) => {
    const perform = find(workplace);
    return perform === undefined ? [] : [{ weight, publishes, perform }];
  });
  const fitting = wanted.map((kind) => possible.filter(({ publishes }) => publishes.includes(kind)));
  const choice = fitting.find((deeds) => deeds.length > 0) ?? possible;
  return pickWeighted(workplace.desk.random, choice)?.perform;
}

/** Remembers for how many of its turns a unit has made no event of a kind. */
function createSilence() {
  const turns = new Map<string, number>();
  const lengthOf = (unitId: UnitId, kind: string): number => turns.get(`${unitId} ${kind}`) ?? 0;
  return {
    overdue: (unitId: UnitId) => WATCHED.filter((kind) => lengthOf(unitId, kind) >= PATIENCE),
    note(unitId: UnitId, messages: readonly Message[]): void {
      for (const kind of WATCHED) {
        const isPublished = messages.some(
          ({ topic }) => topic.kind === kind && 'unitId' in topic && topic.unitId === unitId,
        );
        turns.set(`${unitId} ${kind}`, isPublished ? 0 : lengthOf(unitId, kind) + 1);
      }
    },
  };
}
