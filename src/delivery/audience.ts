import type { ExecutionResult } from 'graphql';
import { type Batch, createBatch, createFrame, type Frame } from './batch.ts';
import { createMember, type Member, type SharedResults } from './member.ts';
import type { Turn } from './turn.ts';

/** How an audience's results reach its members. */
export type Delivery =
  /** Each of them. */
  | { readonly every: true }
  /** The newest only, at most once in so many milliseconds; who joins gets the newest there is at once. */
  | { readonly newestEveryMs: number };

/** All who may see the same of the same subscription: one source, one execution and one serialisation for all of them. */
export interface Audience {
  /**
   * A member's results from now on.
   * @param onLeft runs once, when the member has left or all is over.
   */
  join(onLeft: () => void): SharedResults;
}

export interface AudienceOptions {
  readonly source: AsyncGenerator<ExecutionResult>;
  readonly delivery: Delivery;
  /** How many results may wait for a member that reads its iterator itself. */
  readonly maxWaiting: number;
  /** What of a result is sent. */
  readonly toWire: (result: ExecutionResult) => unknown;
  readonly turn: Turn;
  /** The last member has left, or the source has ended. */
  readonly onEmpty: () => void;
  /** Told once for each result, and once for each batch, with the number of members it went to. */
  readonly onExecuted: () => void;
  readonly onDelivered: (members: number) => void;
}

export function createAudience(options: AudienceOptions): Audience {
  const { source, delivery, turn } = options;
  const members = new Map<Member, () => void>();
  let isOver = false;

  function hand(batch: Batch): void {
    options.onDelivered(members.size);
    for (const member of members.keys()) member.deliver(batch);
  }

  const gathered = 'every' in delivery ? gatherEvery(turn, hand) : gatherNewest(delivery.newestEveryMs, hand);

  function leave(member: Member): void {
    const onLeft = members.get(member);
    if (onLeft === undefined) return;
    members.delete(member);
    onLeft();
    if (members.size > 0 || isOver) return;
    finish();
    void source.return(undefined).catch(() => undefined); // nobody is left who could be told
  }

  function finish(): void {
    isOver = true;
    gathered.stop();
    options.onEmpty();
  }

  async function pump(): Promise<void> {
    let failure: unknown;
    try {
      for await (const result of source) {
        options.onExecuted();
        gathered.add(createFrame(result, options.toWire));
      }
    } catch (error) {
      failure = error;
    }
    if (isOver) return;
    gathered.flush();
    finish();
    for (const [member, onLeft] of members) {
      member.end(failure);
      onLeft();
    }
    members.clear();
  }
  void pump();

  return {
    join(onLeft) {
      gathered.flush(); // what came before is not for the one who comes now
      const newest = gathered.newest;
      const member = createMember(options.maxWaiting, leave);
      if (isOver) {
        member.end(undefined);
        onLeft();
        return member.results;
      }
      members.set(member, onLeft);
      if (newest !== undefined) member.deliver(createBatch([newest], true));
      return member.results;
    },
  };
}

/** Gathers frames and hands them out. */
interface Gathering {
  add(frame: Frame): void;
  /** Hands out now what is due. */
  flush(): void;
  /** What whoever joins begins with, if anything. */
  readonly newest: Frame | undefined;
  stop(): void;
}

/** All frames of one turn together. */
function gatherEvery(turn: Turn, hand: (batch: Batch) => void): Gathering {
  let frames: Frame[] = [];
  function flush(): void {
    if (frames.length === 0) return;
    const batch = createBatch(frames, false);
    frames = [];
    hand(batch);
  }
  return {
    add(frame) {
      frames.push(frame);
      if (frames.length === 1) turn.gather(flush);
    },
    flush,
    newest: undefined,
    stop: () => undefined,
  };
}

/** The first frame at once; of those that come within the interval after it, the newest when it is over. */
function gatherNewest(intervalMs: number, hand: (batch: Batch) => void): Gathering {
  let newest: Frame | undefined;
  let isDue = false;
  let timer: NodeJS.Timeout | undefined;

  function emit(): void {
    timer = undefined;
    if (!isDue || newest === undefined) return;
    isDue = false;
    timer = setTimeout(emit, intervalMs);
    hand(createBatch([newest], true));
  }

  return {
    add(frame) {
      newest = frame;
      isDue = true;
      if (timer === undefined) emit();
    },
    flush: () => undefined,
    get newest() {
      return newest;
    },
    stop: () => clearTimeout(timer),
  };
}
