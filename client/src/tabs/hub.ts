import type { Link } from '../connection/link.ts';
import type { Phase } from '../connection/status-store.ts';
import type { FromLeader, ToLeader, WithoutLeader } from './messages.ts';
import { createOperations, type Operation, type Run } from './operations.ts';

export interface HubOptions {
  /** Names this leader and its time. */
  readonly leader: string;
  /** The tab that leads. */
  readonly tab: string;
  /** @param isForOthers whether it concerns any tab but this one. */
  readonly post: (message: FromLeader, isForOthers: boolean) => void;
  /** Calls back when a tab is gone. Returns how to stop. */
  readonly watchTab: (tab: string, onGone: () => void) => () => void;
  readonly hurry: () => void;
  readonly reconnect: () => void;
}

/** What the leader does for all tabs, its own among them. */
export interface Hub {
  receive(message: ToLeader): void;
  /** A link has opened: tabs run their operations over it from now on. */
  attach(link: Link): void;
  detach(): void;
  setPhase(phase: Phase): void;
  close(): void;
}

interface Tab {
  readonly runs: Map<number, Run>;
  readonly stopWatching: () => void;
}

export function createHub(options: HubOptions): Hub {
  const { leader, tab: own } = options;
  const tabs = new Map<string, Tab>();
  let phase: Phase | undefined;
  let links = 0;
  let operations: ReturnType<typeof createOperations> | undefined;

  function post(message: WithoutLeader<FromLeader>, isForOthers = true): void {
    options.post({ ...message, leader } as FromLeader, isForOthers); // a spread of a union is no union
  }

  function report(): void {
    if (phase !== undefined)
      post({ kind: 'state', phase, link: operations === undefined ? undefined : links });
  }

  function find(name: string): Tab {
    const known = tabs.get(name);
    if (known !== undefined) return known;
    const stopWatching = name === own ? () => undefined : options.watchTab(name, () => gone(name));
    const tab: Tab = { runs: new Map(), stopWatching };
    tabs.set(name, tab);
    return tab;
  }

  function gone(name: string): void {
    const tab = tabs.get(name);
    tabs.delete(name);
    for (const run of tab?.runs.values() ?? []) operations?.stop(run);
  }

  const isForOthers = ({ runs }: Operation): boolean => {
    for (const { tab } of runs) if (tab !== own) return true;
    return false;
  };

  return {
    receive(message) {
      switch (message.kind) {
        case 'hello':
          report();
          break;
        case 'hurry':
          options.hurry();
          break;
        case 'reconnect':
          options.reconnect();
          break;
        case 'run': {
          if (message.link !== links || operations === undefined) return; // its tab will know by now
          const { tab, run: number, request } = message;
          const run: Run = { tab, number, operation: undefined };
          find(tab).runs.set(number, run);
          operations.start(run, request);
          break;
        }
        case 'stop': {
          const runs = tabs.get(message.tab)?.runs;
          const run = runs?.get(message.run);
          runs?.delete(message.run);
          if (run !== undefined) operations?.stop(run);
        }
      }
    },
    attach(link) {
      links += 1;
      for (const { runs } of tabs.values()) runs.clear();
      operations = createOperations(link, {
        feeds: ({ tab, number }, { id }, standing) =>
          post({ kind: 'feed', tab, run: number, operation: id, standing }, tab !== own),
        next: (operation, result) =>
          post({ kind: 'next', operation: operation.id, result }, isForOthers(operation)),
        position: (operation, cursor) =>
          post({ kind: 'position', operation: operation.id, cursor }, isForOthers(operation)),
        past: (operation, past) =>
          post({ kind: 'past', operation: operation.id, past }, isForOthers(operation)),
        ended(operation, faults) {
          for (const { tab, number } of operation.runs) tabs.get(tab)?.runs.delete(number);
          post({ kind: 'ended', operation: operation.id, faults }, isForOthers(operation));
        },
      });
      report();
    },
    detach() {
      operations = undefined;
    },
    setPhase(next) {
      phase = next;
      report();
    },
    close() {
      operations = undefined;
      for (const { stopWatching } of tabs.values()) stopWatching();
      post({ kind: 'left' });
    },
  };
}
