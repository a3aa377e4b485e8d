import type { ExecutionResult } from 'graphql';
import { type Batch, createBatch, createFrame, type Position } from './batch.ts';
import { gatherEvery, gatherNewest } from './gathering.ts';
import { createHistory, type HistoryBudget, type MakeFrames } from './history.ts';
import { Member, type Membership, type Resumption, type SharedResults } from './member.ts';
import type { Turn } from './turn.ts';

/** How an audience's results reach its members. */
export type Delivery =
  /** Each result. */
  | { readonly every: true }
  /** Only the newest result, at most once in this many milliseconds. A member that joins gets the newest one at once. */
  | { readonly newestEveryMs: number };

/** Everybody who may see the same of a subscription. They share one source, one execution and one serialisation. */
export interface Audience {
  /** Whether members get only the newest result, so that there is nothing to replay. */
  readonly isNewestOnly: boolean;
  /**
   * Adds a member, which gets the results from now on.
   * @param onLeft runs once, when the member has left or the audience has ended.
   */
  join(onLeft: () => void): SharedResults;
  /** Adds a member that had some results before: it gets those it missed, then those from now on; or just the newest one. */
  resume(onLeft: () => void, missed: Missed): Promise<SharedResults>;
  /** Ends the audience if it has no members and nobody is about to join. Called when a join that was awaited has failed. */
  endIfEmpty(): void;
}

/** What a member that resumes had before, and how to make what it missed. */
export interface Missed {
  readonly cursor: string;
  /** The offset of the last result that it had. */
  readonly after: number;
  /** Makes the frames after `after`, up to an offset. */
  readonly make: MakeFrames;
}

export interface AudienceOptions {
  readonly source: AsyncGenerator<ExecutionResult>;
  readonly delivery: Delivery;
  /** How many results may wait for a member that reads its iterator itself. */
  readonly maxWaiting: number;
  /** About how many bytes of what it missed a member gets at once; for more it must have room again. */
  readonly partBytes: number;
  readonly historyBudget: HistoryBudget;
  /** The position of the result that was made last. */
  readonly resultPosition: () => Position | undefined;
  /** How far the source has come; the last events may have made no result. */
  readonly sourcePosition: () => Position | undefined;
  /** Picks the part of a result that is sent. Default: all of it. */
  readonly toWire: ((result: ExecutionResult, position: Position | undefined) => unknown) | undefined;
  readonly turn: Turn;
  /** Whether somebody is about to join: then the audience must not end although it is empty. */
  readonly isAwaited: () => boolean;
  /** The last member has left, or the source has ended. */
  readonly onEmpty: () => void;
  /** A result was made. */
  readonly onExecuted: () => void;
  /** A batch was delivered to this many members. */
  readonly onDelivered: (members: number) => void;
}

export function createAudience(options: AudienceOptions): Audience {
  const { source, delivery, turn } = options;
  const isNewestOnly = 'newestEveryMs' in delivery;
  const members = new Map<Member, () => void>();
  const live = new Set<Member>();
  let lastPosition: Position | undefined;
  let isOver = false;
  /** The error that the source has failed with. */
  let failure: unknown;

  function deliver(batch: Batch): void {
    options.onDelivered(live.size);
    for (const member of live) {
      try {
        member.deliver(batch);
      } catch (error) {
        member.close(error); // the others are not disturbed
        leave(member);
      }
    }
  }

  const gathered = isNewestOnly ? gatherNewest(delivery.newestEveryMs, deliver) : gatherEvery(turn, deliver);
  const history = createHistory(() => reached()?.offset ?? 0, options.historyBudget);

  /** How far results were made: the position of the last result, or a later one if the events after it made none. */
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
    void source.return(undefined).catch(() => undefined); // nobody is left to report it to
  }

  function finish(): void {
    isOver = true;
    gathered.stop();
    history.close();
    options.onEmpty();
  }

  /** Not a loop over the source: a loop would keep each result in memory until the next one comes. */
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
    const isOlder = (reached()?.offset ?? 0) < after; // it would be older than what the member had
    if (newest !== undefined && !isOlder) member.deliver(createBatch([newest], true));
    return member;
  }

  /** The cursor before the first result. A later one would claim a result that is still on its way. */
  function emptyCursor(): string | undefined {
    const upTo = reached();
    return upTo?.offset === 0 ? upTo.cursor : undefined;
  }

  /** The member gets the results from now on, but not those that were gathered before. */
  function goLive(member: Member): void {
    gathered.flush();
    if (!member.isOver) live.add(member);
  }

  /** Delivers to a member what it missed, as fast as it has room, until it has caught up with the others. */
  async function replay(member: Member, after: number): Promise<void> {
    for (let at = after; !member.isOver; at = member.position?.offset ?? at) {
      const room = member.room();
      if (room !== undefined) {
        await room; // then ask again: others may have taken the room
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
