/** What a client subscribes to: a kind of events, and the units whose events it may receive. */
export interface Interest {
  readonly kind: EventName;
  readonly units: readonly string[];
  readonly query: string;
}

const FIELDS = {
  request: 'requestUpdated { id entity: request { unitId } }',
  crate: 'crateUpdated { id entity: crate { unitId } }',
  sendback: 'sendBackCreated { id entity: sendBack { unitId reason } }',
  storage: 'storageUpdated { id entity: locations { unitId } }',
  audit: 'auditLogged { id entity: entry { unitId } }',
  kpis: 'dashboardKpis { id unitId }',
} as const;

/** The kinds that are published and recorded: those that have an event to publish. */
export type EventName = keyof typeof FIELDS;
export const EVENT_KINDS = Object.keys(FIELDS) as EventName[]; // these are its keys

export function interestIn(kind: EventName, ...units: string[]): Interest {
  return { kind, units, query: `subscription { event: ${FIELDS[kind]} }` };
}

/**
 * Published events have the id `<kind>.<unit>.<number>`, numbered 1, 2, 3 … on each topic; bare events
 * `bare.<kind>.<unit>.<number>`.
 */
export const eventId = (kind: EventName, unit: string, number: number): string => `${kind}.${unit}.${number}`;

interface Received {
  readonly unit: string;
  readonly number: number;
}

/** Everything that one operation of a client received, in order, across all its connections. */
export interface Recording {
  readonly interest: Interest;
  /** The newest cursor from the server. The client resumes after it. */
  cursor: string | undefined;
  /** The received events. A new stretch begins after each `CURSOR_EXPIRED`. */
  readonly stretches: readonly (readonly Received[])[];
  /** The numbers of the bare events. */
  readonly bare: readonly number[];
  readonly foreign: readonly unknown[];
  /** Codes of errors other than `CURSOR_EXPIRED`. */
  readonly errors: string[];
  /** The number of times that its client got `CURSOR_EXPIRED`. */
  readonly expirations: number;
  /** The newest number received for a unit. */
  newest(unit: string): number;
  take(event: Record<string, unknown>): void;
  expire(): void;
}

export function createRecording(interest: Interest): Recording {
  const stretches: Received[][] = [[]];
  const newest = new Map<string, number>();
  const bare: number[] = [];
  const foreign: unknown[] = [];
  return {
    interest,
    cursor: undefined,
    stretches,
    bare,
    foreign,
    errors: [],
    get expirations() {
      return stretches.length - 1;
    },
    newest: (unit) => newest.get(unit) ?? 0,
    take(event) {
      const parts = String(event['id']).split('.');
      const number = Number(parts.pop());
      const unit = parts.pop() ?? '';
      if (!unitsIn(event).every((stated) => stated === unit) || !interest.units.includes(unit))
        foreign.push(event);
      else if (parts[0] === 'bare') bare.push(number);
      else {
        stretches.at(-1)?.push({ unit, number });
        newest.set(unit, number);
      }
    },
    expire() {
      this.cursor = undefined;
      stretches.push([]);
    },
  };
}

function unitsIn({ entity, unitId }: Record<string, unknown>): unknown[] {
  if (entity === undefined) return [unitId ?? 'all'];
  return [entity]
    .flat()
    .map((one) => (typeof one === 'object' && one && 'unitId' in one ? one.unitId : undefined));
}

/** The number of each kind of fault in a recording. */
export interface Verdict {
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  readonly foreign: number;
}

export const FLAWLESS: Verdict = { lost: 0, doubled: 0, disordered: 0, foreign: 0 };

/**
 * Compares a recording with the published events. The recording must have begun before the first event. Events may only be
 * missing where the client got `CURSOR_EXPIRED`.
 * @param published how many events of a unit were published.
 */
export function judge(recording: Recording, published: (unit: string) => number): Verdict {
  const verdict = { lost: 0, doubled: 0, disordered: 0, foreign: recording.foreign.length };
  for (const unit of recording.interest.units) {
    const seen = new Set<number>();
    let last = 0;
    for (const [index, stretch] of recording.stretches.entries()) {
      let mayMiss = index > 0 || recording.interest.kind === 'kpis';
      for (const { number } of stretch.filter((received) => received.unit === unit)) {
        if (seen.has(number)) verdict.doubled += 1;
        else if (number < last) verdict.disordered += 1;
        else if (!mayMiss) verdict.lost += number - last - 1;
        mayMiss = recording.interest.kind === 'kpis'; // only the newest snapshot counts
        seen.add(number);
        last = Math.max(last, number);
      }
    }
    verdict.lost += published(unit) - last;
  }
  return verdict;
}
