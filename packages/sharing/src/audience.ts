import type { ExecutionResult } from 'graphql';
import { type Batch, createBatch, createFrame, type Position } from './batch.ts';
import { gatherEvery, gatherNewest } from './gathering.ts';
import { createHistory, type HistoryBudget, type MakeFrames } from './history.ts';
import { Member, type Membership, type Resumption, type SharedResults } from './member.ts';
import type { Turn } from './turn.ts';

/** How an audience's results reach its members. */
export type Delivery =
  /** Each of them. */
  | { readonly every: true }
  /** The newest only, at most once in so many milliseconds; who joins gets the newest there is at once. */
  | { readonly newestEveryMs: number };

/** All who may see the same of the same subscription: one source, one execution and one serialisation for all of them. */
export interface Audience {
  /** Whether members get the newest result only, so that none of them has anything to make up for. */
  readonly isNewestOnly: boolean;
  /**
   * A member's results from now on.
   * @param onLeft runs once, when the member has left or all is over.
   */
  join(onLeft: () => void): SharedResults;
  /** A member's results behind what it has had. Of newest ones there is nothing to make up for: just the newest. */
  resume(onLeft: () => void, missed: Missed): Promise<SharedResults>;
  /** Ends it if it has no members and nobody is about to join: whoever it waited for did not. */
  endIfEmpty(): void;
}

/** What a member that resumes has missed. */
export interface Missed {
  readonly cursor: string;
  /** The offset of the last that it has had. */
  readonly after: number;
  /** Makes the frames behind `after` up to an offset. */
  readonly make: MakeFrames;
}

export interface AudienceOptions {
  readonly source: AsyncGenerator<ExecutionResult>;
  readonly delivery: Delivery;
  /** How many results may wait for a member that reads its iterator itself. */
  readonly maxWaiting: number;
  /** About how many bytes of what it missed a member is known at once; then it must have room again. */
  readonly partBytes: number;
  readonly historyBudget: HistoryBudget;
  /** Where the result that was made last stands. */
  readonly resultPosition: () => Position | undefined;
  /** Up to where the source has come, be it without a result. */
  readonly sourcePosition: () => Position | undefined;
  /** What of a result is sent. */
  readonly toWire: (result: ExecutionResult, position: Position | undefined) => unknown;
  readonly turn: Turn;
  /** Whether somebody is about to join, so that it must not end although it is empty. */
  readonly isAwaited: () => boolean;
  /** The last member has left, or the source has ended. */
  readonly onEmpty: () => void;
  /** Told once for each result, and once for each batch, with the number of members it went to. */
  readonly onExecuted: () => void;
  readonly onDelivered: (members: number) => void;
}

export function createAudience(options: AudienceOptions): Audience {
  const { source, delivery, turn } = options;
  const isNewestOnly = 'newestEveryMs' in delivery;
  const members = new Map<Member, () => void>();
  const live = new Set<Member>();
  let lastPosition: Position | undefined;
  let isOver = false;
  /** What the source has failed with. */
  let failure: unknown;

  function deliver(batch: Batch): void {
    options.onDelivered(live.size);
    for (const member of live) {
      try {
        member.deliver(batch);
      } catch (error) {
        member.close(error); // its trouble alone
        leave(member);
      }
    }
  }

  const gathered = isNewestOnly ? gatherNewest(delivery.newestEveryMs, deliver) : gatherEvery(turn, deliver);
  const history = createHistory(() => reached()?.offset ?? 0, options.historyBudget);

  /** Up to where results were made: the last one's position, or further where what followed made none. */
  function reached(): Position | undefined {
    const reached = options.sourcePosition();
    return lastPosition !== undefined && lastPosition.offset > (reached?.offset ?? 0)
      ? lastPosition
      : reached;
  }

  function leave(member: Member): void {
    const onLeft = members.get(member);
    if (onLeft === undefined) return;
    members.delete(member);
    live.delete(member);
    onLeft();
    endIfEmpty();
  }

  function endIfEmpty(): void {
    if (members.size > 0 || options.isAwaited() || isOver) return;
    finish();
    void source.return(undefined).catch(() => undefined); // nobody is left who could be told
  }

  function finish(): void {
    isOver = true;
    gathered.stop();
    history.close();
    options.onEmpty();
  }

  /** Not a loop over the source: that would hold on to each result until the next one comes. */
  function pull(): void {
    source.next().then(take).catch(fail);
  }

  function take({ done, value }: IteratorResult<ExecutionResult, unknown>): void {
    if (done === true) {
      over();
      return;
    }
    options.onExecuted();
    const frame = createFrame(value, options.resultPosition(), options.toWire);
    lastPosition = frame.position ?? lastPosition;
    history.append(frame);
    gathered.add(frame);
    pull();
  }

  function fail(error: unknown): void {
    failure = error;
    over();
    void source.return(undefined).catch(() => undefined);
  }

  function over(): void {
    if (isOver) return;
    gathered.flush();
    finish();
    for (const [member, onLeft] of members) {
      member.close(failure);
      onLeft();
    }
    members.clear();
    live.clear();
  }
  pull();

  const membership: Membership = { maxWaiting: options.maxWaiting, onLeave: leave, cursorOf };

  function admit(onLeft: () => void, resumption?: Resumption): Member {
    const member = new Member(membership, resumption);
    members.set(member, onLeft);
    if (isOver) {
      member.close(failure);
      leave(member);
    }
    return member;
  }

  function cursorOf(member: Member): string | undefined {
    const { resumption } = member;
    const known = member.position?.cursor ?? resumption?.cursor;
    if (isNewestOnly) return known ?? emptyCursor();
    if (!live.has(member)) return known;
    gathered.flush();
    const upTo = reached();
    return upTo !== undefined && upTo.offset >= (resumption?.after ?? 0) ? upTo.cursor : known;
  }

  function joinNow(member: Member, after = 0): SharedResults {
    goLive(member);
    const { newest } = gathered;
    const isBehind = (reached()?.offset ?? 0) < after; // it would be older than what the member has had
    if (newest !== undefined && !isBehind) member.deliver(createBatch([newest], true));
    return member;
  }

  /** Nothing is known to whoever has come this far. A later place would stand for a result that is still on its way. */
  function emptyCursor(): string | undefined {
    const upTo = reached();
    return upTo?.offset === 0 ? upTo.cursor : undefined;
  }

  /** From now on: what came before is not for the one who comes now. */
  function goLive(member: Member): void {
    gathered.flush();
    if (!member.isOver) live.add(member);
  }

  /** Hands a member what it missed, as fast as it takes it, until it has come up with the others. */
  async function replay(member: Member, after: number): Promise<void> {
    for (let at = after; !member.isOver; at = member.position?.offset ?? at) {
      const room = member.room();
      if (room !== undefined) {
        await room; // and asked again: what waits beside it may have taken the room
        continue;
      }
      gathered.flush();
      const frames = history.after(at, options.partBytes);
      if (frames === undefined) return member.endSlow();
      if (frames.length === 0) return goLive(member);
      member.deliver(createBatch(frames, false));
    }
  }

  return {
    isNewestOnly,
    join: (onLeft) => joinNow(admit(onLeft)),
    async resume(onLeft, missed) {
      const member = admit(onLeft, { cursor: missed.cursor, after: missed.after, isNewestOnly });
      if (isNewestOnly) return joinNow(member, missed.after);
      const release = history.hold();
      try {
        await history.reachBack(missed.after, missed.make);
      } catch (error) {
        release();
        leave(member);
        throw error;
      }
      void replay(member, missed.after).finally(release);
      return member;
    },
    endIfEmpty,
  };
}
