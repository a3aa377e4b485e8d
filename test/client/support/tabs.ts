/** The tabs of one browser in one process: their locks, their channels, and a server that counts links. */
import { stringifyDocument } from '@urql/core';
import type { Connection } from '../../../client/src/connection/connection.ts';
import type { Dial, DialEvents } from '../../../client/src/connection/dial.ts';
import { type Closing, type Link, type LinkSink, LOST } from '../../../client/src/connection/link.ts';
import { createLiveClient, type LiveClient, StorageUpdatedDocument } from '../../../client/src/index.ts';
import type { Browser, Locks } from '../../../client/src/tabs/browser.ts';
import { createSharedConnection } from '../../../client/src/tabs/shared-connection.ts';
import { createFakeServer } from '../../../client/src/testing/fake-server.ts';

type Task = () => void;

/** A tab's turn: what comes to it waits while it is mute, and is lost once it has crashed. */
class Turns {
  isDead = false;
  #isMute = false;
  #waiting: Task[] = [];

  take(task: Task): void {
    if (this.isDead) return;
    if (this.#isMute) this.#waiting.push(task);
    else task();
  }

  set isMute(isMute: boolean) {
    this.#isMute = isMute;
    if (isMute) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) this.take(task);
  }
}

interface LockRequest {
  readonly turns: Turns;
  readonly callback: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Web Locks: exclusive ones, which wait in line, can be given up, and can be stolen. */
function createLocks() {
  const holders = new Map<string, LockRequest>();
  const queues = new Map<string, LockRequest[]>();
  const queueOf = (name: string): LockRequest[] => {
    const queue = queues.get(name) ?? [];
    queues.set(name, queue);
    return queue;
  };

  function grant(name: string, request: LockRequest): void {
    holders.set(name, request);
    setTimeout(() =>
      request.turns.take(() => {
        if (holders.get(name) !== request) return;
        void Promise.resolve(request.callback()).then((value) => {
          request.resolve(value);
          release(name, request);
        });
      }),
    );
  }

  function release(name: string, request: LockRequest): void {
    if (holders.get(name) !== request) return;
    holders.delete(name);
    const next = queueOf(name).shift();
    if (next !== undefined) grant(name, next);
  }

  /** @param lateMs how much later its requests reach the browser than its messages reach other tabs. */
  const view = (turns: Turns, lateMs = 0): Locks => {
    async function request(name: string, ...rest: readonly unknown[]): Promise<unknown> {
      if (lateMs > 0) await new Promise((resolve) => setTimeout(resolve, lateMs));
      const callback = rest.at(-1) as () => unknown; // as the standard has it
      const { signal, steal } = (rest.length > 1 ? rest[0] : {}) as LockOptions;
      return new Promise((resolve, reject) => {
        if (turns.isDead) return; // nobody is there any more who asks
        const wanted: LockRequest = { turns, callback, resolve, reject };
        const holder = holders.get(name);
        if (steal === true && holder !== undefined) {
          holder.turns.take(() => holder.reject(new Error('AbortError')));
          grant(name, wanted);
        } else if (holder === undefined) grant(name, wanted);
        else queueOf(name).push(wanted);
        signal?.addEventListener('abort', () => {
          const index = queueOf(name).indexOf(wanted);
          if (index >= 0) queueOf(name).splice(index, 1);
          reject(new Error('AbortError')); // of no effect once it was granted
        });
      });
    }
    return { request } as Locks; // its overloads say the same
  };

  return {
    view,
    /** A crashed tab holds nothing, and waits for nothing. */
    releaseAll(turns: Turns): void {
      for (const queue of queues.values())
        for (const wanted of queue.filter((waiting) => waiting.turns === turns))
          queue.splice(queue.indexOf(wanted), 1);
      for (const [name, holder] of [...holders]) if (holder.turns === turns) release(name, holder);
    },
  };
}

export interface Tab {
  readonly live: LiveClient;
  /** What its follower has received: `first`, `lost`, and ids of events; with the milliseconds of the past that are covered. */
  readonly received: string[];
  close(): void;
  crash(): void;
  /** It answers no more, as if it were in the debugger, until `wake`. */
  mute(): void;
  wake(): void;
  /** Its user comes to look at it. */
  look(): void;
  /** The browser freezes it, and says so before. */
  freeze(): void;
  resume(): void;
}

export interface Tabs {
  open(options?: {
    readonly userId?: number;
    readonly role?: string;
    readonly unitId?: string;
    readonly heartbeatMs?: number;
    readonly documents?: 'hash' | 'text';
    /** What the browser refuses to a site for which it stores nothing. */
    readonly refuses?: 'locks' | 'channels';
    /** How much later its requests for locks reach the browser than its messages reach other tabs, in milliseconds. */
    readonly lateLocksMs?: number;
    readonly getToken?: () => string | Promise<string>;
    readonly onSessionEnd?: (reason: string) => void;
    /** How far in the past it begins, in milliseconds. */
    readonly pastMs?: number;
  }): Tab;
  /** Publishes an event to all. */
  emit(id: string): void;
  /** A page of the origin posts something to all tabs. */
  post(data: unknown): void;
  /** All links break. */
  cut(): void;
  /** The server ends the session of the link that is open. */
  end(): void;
  /** How many links are open. */
  readonly links: number;
  /** How many operations were run, over all links, and how many run now. */
  readonly operations: number;
  readonly running: number;
  /** How many messages tabs have sent to each other. */
  readonly messages: number;
}

const REFUSING: Readonly<Record<'locks' | 'channels', Partial<Browser>>> = {
  locks: { locks: { request: () => Promise.reject(new Error('SecurityError')) } },
  channels: {
    openChannel() {
      throw new Error('SecurityError');
    },
  },
};

const QUERY = stringifyDocument(StorageUpdatedDocument);

/** @param maxOperations how many the server runs over one link. */
export function createTabs(maxOperations = 100): Tabs {
  const locks = createLocks();
  const channels = new Map<
    string,
    Set<{ readonly turns: Turns; readonly receive: (data: unknown) => void }>
  >();
  const server = createFakeServer();
  const links = new Map<Link, { readonly turns: Turns; readonly cut: (closing: Closing) => void }>();
  let operations = 0;
  let running = 0;
  let messages = 0;

  function dialOf(turns: Turns): Dial {
    return (transport, promised, events) => {
      let isGivenUp = false;
      promised.then(
        (token) => setTimeout(() => turns.take(() => isGivenUp || open(turns, transport, token, events))),
        () => isGivenUp || events.noToken(),
      );
      return () => {
        isGivenUp = true;
      };
    };
  }

  function open(turns: Turns, transport: Link['transport'], token: string, events: DialEvents): void {
    const inner = server.openLink(transport);
    const stops = new Set<Task>();
    const close = (): void => {
      links.delete(link);
      for (const stop of [...stops]) stop();
    };
    const link: Link = {
      ...inner,
      run(request, sink) {
        operations += 1;
        const gate =
          <Key extends keyof LinkSink>(key: Key) =>
          (...args: Parameters<LinkSink[Key]>): void =>
            turns.take(() => {
              if (links.has(link)) (sink[key] as (...all: typeof args) => void)(...args);
            });
        const ended = gate('ended');
        if (stops.size >= maxOperations) {
          setTimeout(() => ended([{ message: 'Too many.', extensions: { code: 'LIMIT_EXCEEDED' } }]));
          return () => undefined;
        }
        running += 1;
        const stopInner = inner.run(request, {
          next: gate('next'),
          position: gate('position'),
          past: gate('past'),
          ended,
        });
        const stop = (): void => {
          if (!stops.delete(stop)) return;
          running -= 1;
          stopInner();
        };
        stops.add(stop);
        return stop;
      },
      close,
    };
    links.set(link, {
      turns,
      cut(closing) {
        close();
        turns.take(() => events.closed(link, closing));
      },
    });
    events.opened(link, token);
  }

  function browserOf(
    turns: Turns,
    page: { isAway?: (isAway: boolean) => void },
    lateLocksMs?: number,
  ): Browser {
    return {
      locks: locks.view(turns, lateLocksMs),
      openChannel(name, onMessage) {
        const others = channels.get(name) ?? new Set();
        channels.set(name, others);
        const own = { turns, receive: onMessage };
        others.add(own);
        const send = (data: unknown): void => {
          messages += 1;
          for (const other of others)
            if (other !== own)
              setTimeout(() =>
                other.turns.take(() => {
                  if (others.has(other)) other.receive(data);
                }),
              );
        };
        return {
          post(message) {
            turns.take(() => send(structuredClone(message)));
          },
          close: () => void others.delete(own),
        };
      },
      watchPage(isAway) {
        page.isAway = isAway;
        return () => {
          delete page.isAway;
        };
      },
      isVisible: true,
    };
  }

  return {
    open({
      userId = 17,
      role = 'QC',
      unitId,
      heartbeatMs = 3000,
      pastMs,
      refuses,
      lateLocksMs,
      ...options
    } = {}) {
      const turns = new Turns();
      const page: { isAway?: (isAway: boolean) => void } = {};
      const browser = browserOf(turns, page, lateLocksMs);
      let connection: Connection | undefined;
      const received: string[] = [];
      const live = createLiveClient({
        url: 'http://dms.example.org/graphql',
        getToken: () => `x.${btoa(JSON.stringify({ jti: crypto.randomUUID(), role, user_id: userId }))}.x`,
        heartbeatMs,
        lingerMs: 50,
        retry: { firstMs: 100, maxMs: 1000 },
        ...options,
        shareConnection(given) {
          connection = createSharedConnection(
            { ...given, dial: dialOf(turns) },
            refuses === undefined ? browser : { ...browser, ...REFUSING[refuses] },
          );
          return connection;
        },
      });
      live.follow(StorageUpdatedDocument, unitId === undefined ? {} : { unitId }, {
        event: ({ storageUpdated }) => received.push(storageUpdated.id),
        started: (why, coveredMs = 0) => received.push(coveredMs === 0 ? why : `${why} ${coveredMs}`),
        ...(pastMs !== undefined && { pastMs: () => pastMs }),
      });
      return {
        live,
        received,
        close: () => live.close(),
        crash() {
          turns.isDead = true;
          locks.releaseAll(turns);
          for (const [link, { turns: whose }] of [...links]) if (whose === turns) link.close();
        },
        mute() {
          turns.isMute = true;
        },
        wake() {
          turns.isMute = false;
        },
        look() {
          connection?.hurry(); // as the client does when the tab becomes visible
          connection?.check();
        },
        freeze() {
          connection?.hold('browser'); // as the client does when the browser reports it
          page.isAway?.(true);
          turns.isMute = true;
        },
        resume() {
          turns.isMute = false;
          page.isAway?.(false);
        },
      };
    },
    emit: (id) => server.emit({ query: QUERY, data: { storageUpdated: { id } }, variables: {} }),
    post(data) {
      for (const others of channels.values())
        for (const { turns, receive } of others) turns.take(() => receive(data));
    },
    cut() {
      for (const { cut } of [...links.values()]) cut(LOST);
    },
    end() {
      for (const { cut } of [...links.values()]) cut({ kind: 'signed-out', reason: 'Revoked.' });
    },
    get links() {
      return links.size;
    },
    get operations() {
      return operations;
    },
    get running() {
      return running;
    },
    get messages() {
      return messages;
    },
  };
}
