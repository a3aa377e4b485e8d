import type { Bus, BusSubscription } from '../../bus/bus.ts';
import type { TopicNames } from '../../events/topic-names.ts';
import type { Hub } from '../hub.ts';
import { type Announced, keepAnnounced } from './announced.ts';
import { watchDepartures } from './departures.ts';
import { createExchange, type ExchangeOptions, NOTE_MS } from './exchange.ts';
import { cutFaces, type Face, MAX_FACES, mergeFaces } from './faces.ts';
import { keepOthers } from './others.ts';
import { takeTurns } from './turns.ts';

/** Who is present at the objects of one kind, over all processes. */
export interface PresenceOfKind extends Pick<Announced, 'add' | 'forget'> {
  watch(onChange: () => void): Watching;
  /**
   * Leaves others what this process shows of connections that it has ended: their users are on their way to other processes. Resolves when
   * that is written, or cannot be in time.
   */
  close(): Promise<void>;
}

export interface Watching {
  /** Resolves when it is known whom other processes show, or when that cannot be known in time. */
  readonly ready: Promise<void>;
  /** The faces in a unit as they are now, or those at one object: {@link MAX_FACES} at most. */
  of(unitId: string, objectId?: string): readonly Face[];
  /** The units in which somebody may be. */
  units(): Iterable<string>;
  close(): void;
}

export interface PresenceOfKindOptions extends ExchangeOptions {
  readonly bus: Pick<Bus, 'subscribe' | 'publish' | 'notes'>;
  readonly names: Pick<TopicNames, 'presenceBoard' | 'presenceNews' | 'kinds'>;
  readonly hub: Pick<Hub, 'open'>;
}

/** How often it writes that again, in milliseconds, and reads what others have written. */
const BEAT_MS = 5000;
/** How long changes are gathered before watchers look, in milliseconds: a crowd may come at once. */
const GATHER_MS = 50;
/** How long a watcher waits for what others have written, and the end for what is written last, in milliseconds. */
const PATIENCE_MS = 1000;

/**
 * Each process writes the faces of each unit as a note, which expires, and reads the notes of the others: when one of them says that it has
 * written, and at each beat. While Redis is away a process shows its own faces, and those of others for as long as their
 * notes would have lasted. Nothing runs while nobody is present and nobody watches.
 */
export function keepPresenceOfKind(options: PresenceOfKindOptions): PresenceOfKind {
  const { kind, names, process } = options;
  const { watchers, ...looks } = gatherLooks();
  const others = keepOthers(process, NOTE_MS, notify);
  let merged = new Map<string, FacesOfUnit>();
  /** The first reading since somebody watches. */
  let firstReading: Promise<void> | undefined;
  let isClosed = false;

  const announced = keepAnnounced((unitId) => {
    exchange.change(unitId);
    notify();
    void turns.ask();
    upkeep.update();
    departures?.follow(announced.units);
  });
  const rule = names.kinds.get(kind);
  const departures = rule && watchDepartures({ kind: rule, hub: options.hub, onGone: announced.clear });
  const exchange = createExchange(options, {
    noteOf: announced.of,
    isWatched: () => watchers.size > 0,
    onRead(notes) {
      others.take(notes);
      notify();
    },
    onFault: forgetExpired,
  });
  const turns = takeTurns(runExchange);
  const upkeep = createUpkeep(options, {
    isWatched: () => !isClosed && watchers.size > 0,
    isUsed: () => !isClosed && (watchers.size > 0 || exchange.isOwed || isAnnounced()),
    onNews: () => void turns.ask(),
    onBeat() {
      exchange.renew(announced.units);
      forgetExpired(); // Redis may take long to refuse
      void turns.ask();
    },
  });

  const isAnnounced = (): boolean => !isEmpty(announced.units) || announced.forgetLeft();

  function notify(): void {
    merged = new Map();
    looks.ask();
  }

  function forgetExpired(): void {
    if (others.forgetExpired()) notify();
  }

  async function runExchange(): Promise<void> {
    await exchange.run();
    upkeep.update();
  }

  function facesIn(unitId: string): FacesOfUnit {
    const known = merged.get(unitId) ?? groupFaces(mergeFaces([announced.of(unitId), ...others.of(unitId)]));
    merged.set(unitId, known);
    return known;
  }

  return {
    add(unitId, face, sessionId) {
      const leave = announced.add(unitId, face, sessionId);
      if (departures?.hasLeft(unitId, face.objectId) === true) announced.clear(unitId, face.objectId);
      return leave;
    },
    forget: announced.forget,
    watch(onChange) {
      watchers.add(onChange);
      upkeep.update();
      firstReading ??= withinPatience(turns.ask());
      return {
        ready: firstReading,
        of: (unitId, objectId) => facesIn(unitId).at(objectId),
        units: () => new Set([...announced.units, ...others.units]),
        close() {
          watchers.delete(onChange);
          upkeep.update();
          if (watchers.size > 0) return;
          firstReading = undefined;
          others.forget(); // nobody keeps them up to date
          merged = new Map();
        },
      };
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      looks.close();
      turns.close();
      upkeep.update();
      departures?.follow([]);
      for (const unitId of announced.units) exchange.change(unitId);
      if (exchange.isOwed) await withinPatience(runExchange());
      announced.close();
      others.forget();
    },
  };
}

/** The faces of a unit as watchers get them. */
interface FacesOfUnit {
  /** At one object; `undefined`: at all. */
  at(objectId: string | undefined): readonly Face[];
}

function groupFaces(faces: readonly Face[]): FacesOfUnit {
  const byObject = new Map<string, Face[]>();
  for (const face of faces) {
    const atObject = byObject.get(face.objectId);
    if (atObject === undefined) byObject.set(face.objectId, [face]);
    else atObject.push(face);
  }
  return {
    at: (objectId) => cutFaces(objectId === undefined ? faces : (byObject.get(objectId) ?? []), MAX_FACES),
  };
}

/** Those who look again after a change, once for all changes of a moment. */
function gatherLooks() {
  const watchers = new Set<() => void>();
  let gathering: NodeJS.Timeout | undefined;
  return {
    watchers,
    ask(): void {
      gathering ??= setTimeout(() => {
        gathering = undefined;
        for (const onChange of [...watchers]) onChange();
      }, GATHER_MS).unref();
    },
    close(): void {
      watchers.clear();
      clearTimeout(gathering);
    },
  };
}

/** The timer and the subscription of a kind: they run where they are needed, and only there. */
function createUpkeep(
  { kind, bus, names, process }: PresenceOfKindOptions,
  needs: { isWatched(): boolean; isUsed(): boolean; onNews(): void; onBeat(): void },
) {
  let news: BusSubscription | undefined;
  let beat: NodeJS.Timeout | undefined;

  function listen(): BusSubscription {
    return bus.subscribe({ channel: names.presenceNews(kind) }, ({ payload }) => {
      if (payload.toString() !== process) needs.onNews();
    });
  }

  return {
    update(): void {
      if (needs.isWatched()) news ??= listen();
      else {
        news?.close();
        news = undefined;
      }
      if (needs.isUsed()) beat ??= setInterval(needs.onBeat, BEAT_MS).unref();
      else {
        clearInterval(beat);
        beat = undefined;
      }
    },
  };
}

function isEmpty(some: Iterable<unknown>): boolean {
  for (const _one of some) return false;
  return true;
}

/** Resolves with the promise, or before that when it takes too long. */
function withinPatience(wait: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS).unref();
    void wait.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
