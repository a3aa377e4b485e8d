import type { Random } from './random.ts';

/** Work at a virtual instant. */
interface Task {
  readonly at: number;
  /** The order of tasks at the same instant. */
  readonly rank: number;
  /** The order of tasks in a lane whose ranks are too close to 1 to differ. */
  readonly number: number;
  readonly run: () => void;
  readonly what: string;
  isCancelled: boolean;
}

/** A lane runs its tasks in the order in which they were added, as a connection delivers its bytes. */
export interface Lane {
  after(delayMs: number, run: () => void): void;
}

/** Virtual time. Everything in a run happens as a task of the clock, one task after another. */
export interface Clock {
  readonly now: number;
  /** Runs a task after a delay in milliseconds. Tasks at the same instant run in random order. */
  after(delayMs: number, run: () => void): void;
  lane(): Lane;
  /** Runs all tasks of the next `durationMs`. After each task all promises that can settle do so; then `check` is called. */
  run(durationMs: number, check: () => void): Promise<void>;
  /** Replaces the timers, dates and random UUIDs of the process by this clock. Returns a function that restores them. */
  install(): () => void;
  /** Timers that were set through the globals and have not fired yet. */
  readonly pendingTimers: readonly string[];
}

/** An instant in the year 2027. */
const START_MS = 1_800_000_000_000;

/**
 * Waits for promises: all pending reactions run before the queue of `process.nextTick`, if that queue is filled from a reaction.
 */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

export function createClock(random: Random): Clock {
  const heap: Task[] = [];
  const timers = new Set<Task>();
  let now = START_MS;
  let count = 0;

  function schedule(delayMs: number, run: () => void, what = '', minRank = 0): Task {
    const at = now + Math.max(0, delayMs);
    count += 1;
    const rank = minRank + random.next() * (1 - minRank);
    const task = { at, rank, number: count, run, what, isCancelled: false };
    push(heap, task);
    return task;
  }

  function lane(what = ''): Lane & { schedule(delayMs: number, run: () => void): Task } {
    let last: Task | undefined;
    function inOrder(delayMs: number, run: () => void): Task {
      const earliest = last === undefined ? now : Math.max(now, last.at);
      const at = Math.max(now + delayMs, earliest);
      last = schedule(at - now, run, what, last?.at === at ? last.rank : 0);
      return last;
    }
    return { after: (delayMs, run) => void inOrder(delayMs, run), schedule: inOrder };
  }

  async function run(durationMs: number, check: () => void): Promise<void> {
    const end = now + durationMs;
    for (let task = heap[0]; task !== undefined && task.at <= end; task = heap[0]) {
      pop(heap);
      if (task.isCancelled) continue;
      now = task.at;
      timers.delete(task);
      task.run();
      await settled();
      check();
    }
    now = end;
  }

  /** The return value of `setTimeout` and the like. It has only the methods that the code uses. */
  function handleOf(cancel: () => void) {
    const handle = { cancel, ref: () => handle, unref: () => handle, hasRef: () => true };
    return handle;
  }

  function setTimer(task: Task) {
    timers.add(task);
    return handleOf(() => {
      task.isCancelled = true;
      timers.delete(task);
    });
  }

  function install(): () => void {
    const immediates = lane('setImmediate');
    const fakes = {
      setTimeout: (run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) =>
        setTimer(schedule(Math.max(1, delayMs), () => run(...args), `setTimeout ${delayMs}`)),
      setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
        setTimer(immediates.schedule(0, () => run(...args))),
      setInterval(run: () => void, delayMs: number) {
        let handle: ReturnType<typeof setTimer>;
        function turn(): void {
          handle = setTimer(schedule(delayMs, fire, `setInterval ${delayMs}`));
        }
        function fire(): void {
          turn();
          run();
        }
        turn();
        return handleOf(() => handle.cancel());
      },
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    };
    const undo = [
      ...Object.entries(fakes).map(([name, fake]) => replace(globalThis, name, fake)),
      replace(Date, 'now', () => now),
      replace(performance, 'now', () => now - START_MS),
      replace(crypto, 'randomUUID', () => uuid(random)),
    ];
    return () => {
      for (const restore of undo) restore();
    };
  }

  return {
    get now() {
      return now;
    },
    after: (delayMs, run) => void schedule(delayMs, run),
    lane: () => lane(),
    run,
    install,
    get pendingTimers() {
      return [...timers].map(({ what }) => what);
    },
  };
}

function clear(handle: unknown): void {
  if (typeof handle === 'object' && handle !== null && 'cancel' in handle)
    (handle as { cancel(): void }).cancel(); // created by `handleOf`
}

/** Replaces a property, own or inherited. Returns a function that restores it. */
function replace(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}

const uuid = (random: Random): string =>
  Array.from({ length: 4 }, () => random.between(0, 0xffffffff).toString(16).padStart(8, '0')).join('-');

function isBefore(one: Task, other: Task): boolean {
  if (one.at !== other.at) return one.at < other.at;
  return one.rank === other.rank ? one.number < other.number : one.rank < other.rank;
}

/** A binary heap. The first item is the next task. */
function push(heap: Task[], task: Task): void {
  let index = heap.length;
  heap.push(task);
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !isBefore(task, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = task;
}

function pop(heap: Task[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let childIndex = 2 * index + 1;
    let child = heap[childIndex];
    const right = heap[childIndex + 1];
    if (child !== undefined && right !== undefined && isBefore(right, child)) {
      child = right;
      childIndex += 1;
    }
    if (child === undefined || !isBefore(child, last)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = last;
}
