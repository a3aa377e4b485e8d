import type { Bus } from '../../bus/bus.ts';
import type { TopicNames } from '../../events/topic-names.ts';
import { type Note, writeNote } from './faces.ts';
import { noteName } from './others.ts';

export interface ExchangeOptions {
  readonly kind: string;
  readonly bus: Pick<Bus, 'publish' | 'notes'>;
  readonly names: Pick<TopicNames, 'presenceBoard' | 'presenceNews'>;
  /** Names this process among all. */
  readonly process: string;
  /** Reports why the faces could not be exchanged with other processes; `undefined`: they were. */
  readonly report: (fault: unknown) => void;
}

/** Writes what this process knows of each unit, and reads what the others have written. */
export interface Exchange {
  /** What is known of a unit has changed: its note is written, and other processes are notified. */
  change(unitId: string): void;
  /** The notes of these units are written once more, before they expire. */
  renew(unitIds: Iterable<string>): void;
  /** Whether changes are not written yet. */
  readonly isOwed: boolean;
  /** Never rejects: what could not be written is owed. */
  run(): Promise<void>;
}

export interface ExchangeHandlers {
  noteOf(unitId: string): Note;
  /** Whether anybody wants to know what others have written. */
  isWatched(): boolean;
  onRead(notes: ReadonlyMap<string, string>): void;
  onFault(): void;
}

/** What a process has written is gone after this time, in milliseconds, unless the process writes it again. */
export const NOTE_MS = 15_000;

export function createExchange(
  { kind, bus, names, process, report }: ExchangeOptions,
  { noteOf, isWatched, onRead, onFault }: ExchangeHandlers,
): Exchange {
  const board = names.presenceBoard(kind);
  const changed = new Set<string>();
  const renewed = new Set<string>();

  const write = (unitId: string) => [noteName(unitId, process), writeNote(noteOf(unitId))] as const;

  return {
    change(unitId) {
      changed.add(unitId);
    },
    renew(unitIds) {
      for (const unitId of unitIds) renewed.add(unitId);
    },
    get isOwed() {
      return changed.size > 0;
    },
    async run() {
      const news = [...changed];
      const units = new Set([...news, ...renewed]);
      changed.clear();
      renewed.clear();
      try {
        if (units.size > 0) await bus.notes?.put(board, new Map([...units].map(write)), NOTE_MS);
        if (news.length > 0) await bus.publish(names.presenceNews(kind), process);
        if (isWatched()) onRead((await bus.notes?.all(board)) ?? new Map());
        report(undefined);
      } catch (error) {
        for (const unitId of news) changed.add(unitId); // tried again at the next beat
        onFault();
        report(error);
      }
    },
  };
}
