import type { Query } from '@tanstack/react-query';
import type { Change } from '../query/kind.ts';
import { ruleOf } from '../query/rules.ts';
import type { BridgeInsides, TraceListener } from '../query/trace.ts';
import { explain } from './explain.ts';
import type { Why } from './sentences.ts';

/** A query that an event concerns, and what became of it. */
export interface Touch {
  readonly queryKey: string;
  isPatched: boolean;
  isFetched: boolean;
  why: readonly Why[];
}

/** An event as the panel remembers it: which entities it was about, but not what it said. */
export interface SeenEvent {
  readonly number: number;
  /** In Unix milliseconds. */
  readonly receivedAt: number;
  readonly kind: string;
  readonly action: string;
  readonly ids: readonly string[];
  readonly actor: string;
  /** `older`: something newer was received before, so it was dropped. */
  readonly fate: 'written' | 'held' | 'older';
  readonly touches: ReadonlyMap<string, Touch>;
}

/** Remembers the last events of a bridge while it is on. */
export interface Recorder {
  /** Begins to record, until the returned function is called. Several may record at a time. */
  begin(): () => void;
  /** The newest first. */
  readonly events: readonly SeenEvent[];
  subscribe(listener: () => void): () => void;
  clear(): void;
}

/** More events than this are not kept. */
const KEPT = 100;

const recorders = new WeakMap<BridgeInsides, Recorder>();

/** The one recorder of a bridge. */
export function recorderOf(insides: BridgeInsides): Recorder {
  const recorder = recorders.get(insides) ?? createRecorder(insides);
  recorders.set(insides, recorder);
  return recorder;
}

interface Recorded extends SeenEvent {
  fate: SeenEvent['fate'];
  readonly touches: Map<string, Touch>;
}

function createRecorder({ trace, matchesOf }: BridgeInsides): Recorder {
  const listeners = new Set<() => void>();
  let events: readonly Recorded[] = [];
  /** Events by their changes, whose contents are not kept. */
  let ofChanges = new WeakMap<Change, Recorded>();
  let count = 0;
  let users = 0;
  let notes: readonly Why[] = [];

  function changed(): void {
    for (const listener of [...listeners]) listener();
  }

  function touch(query: Query, change: Change, how: Omit<Touch, 'queryKey'>): void {
    const touches = ofChanges.get(change)?.touches;
    const known = touches?.get(query.queryHash);
    touches?.set(query.queryHash, {
      queryKey: JSON.stringify(query.queryKey),
      isPatched: how.isPatched || known?.isPatched === true,
      isFetched: how.isFetched || known?.isFetched === true,
      why: how.isPatched || how.isFetched ? union(known?.why, how.why) : (known?.why ?? how.why),
    });
    changed();
  }

  const listener: TraceListener = {
    received(change, fate) {
      const known = ofChanges.get(change);
      if (known !== undefined) {
        known.fate = fate;
        changed();
        return;
      }
      count += 1;
      const { kind, action, actor, entities } = change;
      const seen: Recorded = {
        number: count,
        receivedAt: Date.now(),
        kind: kind.entity,
        action,
        ids: entities.map(({ id }) => String(id)),
        actor: actor?.name ?? actor?.id ?? '',
        fate,
        touches: new Map(),
      };
      ofChanges.set(change, seen);
      events = [seen, ...events].slice(0, KEPT);
      changed();
    },
    began(query, all, concerning, how) {
      const isFetching = query.state.fetchStatus !== 'idle';
      notes = [
        ...(isFetching ? [{ code: 'being-fetched' } as const] : []),
        ...(how === 'check' ? [{ code: 'compared' } as const] : []),
      ];
      const names = matchesOf(query).map(({ name }) => name);
      for (const received of all) {
        const { change } = received;
        if (!names.some((name) => ruleOf(change.kind, name) !== undefined)) continue;
        const isNews = concerning.includes(received);
        if (isNews && query.state.data !== undefined) continue;
        const isFetched = isNews && query.state.status === 'error' && !isFetching;
        const code = isNews ? 'no-data' : 'answered';
        touch(query, change, { isPatched: false, isFetched, why: [{ code }, ...notes] });
      }
    },
    applied(query, change, match, before, applied) {
      const isCheck = notes.some(({ code }) => code === 'compared');
      const hasChanged = applied.data !== before;
      touch(query, change, {
        isPatched: hasChanged && !isCheck,
        isFetched: applied.needsFetch !== false || (hasChanged && isCheck),
        why: [...explain(change, match, before, applied), ...notes],
      });
    },
  };

  return {
    begin() {
      users += 1;
      trace.listener = listener;
      return () => {
        users -= 1;
        if (users === 0) trace.listener = undefined;
      };
    },
    get events() {
      return events;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    clear() {
      events = [];
      ofChanges = new WeakMap();
      changed();
    },
  };
}

/** An event may be written twice: also over the answer of a fetch that was under way. */
const union = (before: readonly Why[] = [], after: readonly Why[]): readonly Why[] => [
  ...before,
  ...after.filter(({ code }) => !before.some((one) => one.code === code)),
];
