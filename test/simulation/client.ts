import type { Outlet } from '../../src/transport/outbox.ts';
import type { Lane } from './clock.ts';
import { latencyOf, type Surroundings } from './network.ts';
import type { Line, Server, Socket } from './server.ts';
import type { CursorKind, Judge } from './subscription.ts';
import { describeWish, type Viewer, type Wish } from './wishes.ts';

/** A subscription of a client, across all its connections. */
export interface Subscription {
  readonly wish: Wish;
  readonly judge: Judge;
  /** Cursors that it received before. */
  readonly oldCursors: string[];
  /** Its current operation. `undefined` while it waits for a connection or for another try. */
  op: number | undefined;
  isOver: boolean;
  /** The past was too large to be replayed. */
  isPastRefused: boolean;
}

export interface ClientOptions {
  readonly name: string;
  readonly viewer: Viewer;
  readonly surroundings: Surroundings;
  /** The servers that accept connections now. */
  readonly servers: () => readonly Server[];
  readonly judgeOf: (name: string, wish: Wish, viewer: Viewer) => Judge;
  readonly onFault: (fault: string) => void;
}

/** A browser. It connects, subscribes, resumes, and reconnects until the run ends. */
export interface Client {
  readonly name: string;
  readonly subscriptions: readonly Subscription[];
  subscribe(wish: Wish): void;
  /** Ends one of its subscriptions, even while that one is being opened. */
  unsubscribe(which: number): void;
  /** Subscribes again with another cursor than the last one. */
  resubscribe(which: number, kind: 'old' | 'foreign' | 'garbage', cursor: string): void;
  /** Cuts its connection silently. The server notices after a while. */
  cut(noticedAfterMs: number): void;
  /** The server of its current connection. */
  readonly server: Server | undefined;
  stall(): void;
  read(): void;
  /** Sends the positions, as the server does with a keep-alive. */
  sendPositions(): void;
  leave(): void;
}

interface Link {
  readonly server: Server;
  readonly socket: Socket;
  readonly outlet: LinkOutlet;
  readonly up: Lane;
}

const MAX_RETRY_MS = 150;
/** How far back clients begin who begin in the past. */
const PAST_MS = 2000;

export function createClient({
  name,
  viewer,
  surroundings,
  servers,
  judgeOf,
  onFault,
}: ClientOptions): Client {
  const { clock, random, note } = surroundings;
  const subscriptions: Subscription[] = [];
  const running = new Map<number, Subscription>();
  let link: Link | undefined;
  let isGone = false;
  let isStalled = false;
  let ops = 0;

  function connect(): void {
    if (isGone || link !== undefined) return;
    const there = servers();
    if (there.length === 0) {
      retry();
      return;
    }
    const server = random.pick(there);
    const outlet = new LinkOutlet(surroundings, take, () => cut(0), isStalled);
    const socket = server.accept(outlet);
    outlet.onDrained = () => socket.drained();
    link = { server, socket, outlet, up: clock.lane() };
    note(() => `${name} connects to ${server.name}`);
    for (const subscription of subscriptions) start(subscription, 'last');
  }

  function retry(): void {
    clock.after(random.between(1, MAX_RETRY_MS), connect);
  }

  function start(subscription: Subscription, kind: CursorKind, other?: string): void {
    if (subscription.isOver || subscription.op !== undefined || link === undefined) return;
    const { judge, wish } = subscription;
    const cursor = other ?? judge.cursor;
    ops += 1;
    const op = ops;
    subscription.op = op;
    running.set(op, subscription);
    const known = cursor === undefined ? 'none' : kind;
    judge.begin(known, cursor);
    note(
      () =>
        `${name} asks for ${describeWish(wish, viewer)} as ${op}, by ${known === 'none' ? 'no' : `its ${known}`} cursor ${cursor === undefined ? '' : readable(cursor)}`,
    );
    const { socket } = link;
    const pastMs = cursor === undefined && !subscription.isPastRefused && op % 2 === 0 ? PAST_MS : undefined;
    link.up.after(latencyOf(surroundings), () => socket.subscribe(op, viewer, wish, { cursor, pastMs }));
  }

  /** Ends the operation of a subscription. */
  function stop(subscription: Subscription): void {
    const { op } = subscription;
    if (op === undefined) return;
    subscription.op = undefined;
    running.delete(op);
    const socket = link?.socket;
    link?.up.after(latencyOf(surroundings), () => socket?.unsubscribe(op));
  }

  function again(subscription: Subscription): void {
    if (subscription.op !== undefined) running.delete(subscription.op);
    subscription.op = undefined;
    clock.after(random.between(0, MAX_RETRY_MS), () => start(subscription, 'last'));
  }

  function take(bytes: string): void {
    for (const written of bytes.split('\n')) {
      if (written === '') continue;
      const line: Line = JSON.parse(written);
      const subscription = running.get(line.op);
      if (subscription !== undefined) takeLine(line, subscription);
    }
  }

  function takeLine(line: Line, subscription: Subscription): void {
    const { judge, oldCursors } = subscription;
    note(() => `${name} receives ${describeLine(line)}`);
    if ('id' in line) judge.event(line.id, line.cursor);
    else if ('position' in line) judge.position(line.position);
    else if ('past' in line) judge.past(clock.now - line.past);
    else if ('isComplete' in line) again(subscription);
    else {
      if (line.code === 'CURSOR_EXPIRED' && judge.cursor === undefined) subscription.isPastRefused = true;
      else if (line.code === 'CURSOR_EXPIRED') judge.expired();
      else if (line.code !== 'SERVICE_UNAVAILABLE') onFault(`${name} receives ${line.code}`);
      again(subscription);
    }
    const cursor = 'position' in line ? line.position : 'id' in line ? line.cursor : undefined;
    if (cursor !== undefined && oldCursors.at(-1) !== cursor) oldCursors.push(cursor);
  }

  function cut(noticedAfterMs: number): void {
    if (link === undefined) return;
    const { socket, outlet } = link;
    note(() => `${name} loses its connection`);
    link = undefined;
    running.clear();
    for (const subscription of subscriptions) subscription.op = undefined;
    outlet.cut();
    clock.after(noticedAfterMs, () => {
      outlet.isOpen = false;
      socket.leave();
    });
    retry();
  }

  connect();
  return {
    name,
    subscriptions,
    subscribe(wish) {
      const judge = judgeOf(`${name}, who follows ${describeWish(wish, viewer)}`, wish, viewer);
      const subscription: Subscription = {
        wish,
        judge,
        oldCursors: [],
        op: undefined,
        isOver: false,
        isPastRefused: false,
      };
      subscriptions.push(subscription);
      start(subscription, 'none');
    },
    unsubscribe(which) {
      const subscription = subscriptions[which % Math.max(1, subscriptions.length)];
      if (subscription === undefined) return;
      note(() => `${name} wants ${describeWish(subscription.wish, viewer)} no more`);
      stop(subscription);
      subscription.isOver = true;
      subscriptions.splice(subscriptions.indexOf(subscription), 1);
    },
    resubscribe(which, kind, cursor) {
      const subscription = subscriptions[which % Math.max(1, subscriptions.length)];
      if (subscription === undefined || link === undefined) return;
      stop(subscription);
      start(subscription, kind, cursor);
    },
    cut,
    get server() {
      return link?.server;
    },
    stall() {
      isStalled = true;
      link?.outlet.stall();
    },
    read() {
      isStalled = false;
      link?.outlet.read();
    },
    sendPositions: () => link?.socket.sendPositions(),
    leave() {
      isGone = true;
      cut(0);
    },
  };
}

/** The number of bytes in a socket's buffers at which the server must wait. */
const HIGH_WATER_BYTES = 600;

/** The server's end of a connection to a client. */
class LinkOutlet implements Outlet {
  isOpen = true;
  pendingBytes = 0;
  onDrained: () => void = () => undefined;
  readonly #surroundings: Surroundings;
  readonly #take: (bytes: string) => void;
  readonly #onSlow: () => void;
  readonly #down: Lane;
  #unread: string[] = [];
  #isStalled: boolean;
  #isCut = false;
  #needsDrain = false;

  constructor(
    surroundings: Surroundings,
    take: (bytes: string) => void,
    onSlow: () => void,
    isStalled: boolean,
  ) {
    this.#surroundings = surroundings;
    this.#take = take;
    this.#onSlow = onSlow;
    this.#down = surroundings.clock.lane();
    this.#isStalled = isStalled;
  }

  get isCongested(): boolean {
    return this.#needsDrain;
  }

  write(bytes: string | Buffer): void {
    if (!this.isOpen) return;
    const text = String(bytes);
    this.pendingBytes += text.length;
    this.#needsDrain ||= this.pendingBytes >= HIGH_WATER_BYTES;
    this.#down.after(latencyOf(this.#surroundings), () => {
      if (this.#isStalled) this.#unread.push(text);
      else this.#arrive(text);
    });
  }

  lend(bytes: Buffer): boolean {
    this.write(bytes);
    return true; // it has copied them
  }

  cork(): void {}
  uncork(): void {}

  endSlow(): void {
    if (this.#isCut) return;
    this.#surroundings.clock.after(0, this.#onSlow);
  }

  endFailed(): void {
    this.endSlow();
  }

  stall(): void {
    this.#isStalled = true;
  }

  read(): void {
    this.#isStalled = false;
    for (const text of this.#unread.splice(0)) this.#arrive(text);
  }

  cut(): void {
    this.#isCut = true;
  }

  #arrive(text: string): void {
    if (this.#isCut) return;
    this.pendingBytes -= text.length;
    this.#take(text);
    if (this.pendingBytes > 0 || !this.#needsDrain) return;
    this.#needsDrain = false;
    this.onDrained();
  }
}

function describeLine(line: Line): string {
  if ('id' in line)
    return `${line.op}: event ${line.id} at ${line.cursor === undefined ? 'no cursor' : readable(line.cursor)}`;
  if ('position' in line) return `${line.op}: its position ${readable(line.position)}`;
  if ('past' in line) return `${line.op}: the last ${line.past} ms`;
  return 'code' in line ? `${line.op}: ${line.code}` : `${line.op}: that is all`;
}

/** The content of a cursor, shortened. */
const readable = (cursor: string): string =>
  Buffer.from(cursor, 'base64url')
    .toString('latin1')
    .replace(/^\d*(\d{5})-/, '…$1-');
