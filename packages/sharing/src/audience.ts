import type { ExecutionResult } from 'graphql';
import type { AudienceOptions } from './audience-options.ts';
import { type Batch, createBatch, createFrame, type Position } from './batch.ts';
import { type Gathering, gatherEvery, gatherNewest } from './gathering.ts';
import { createHistory, type History, type MakeFrames } from './history.ts';
import { Member, type Membership, type Resumption, type SharedResults } from './member.ts';
import { Members, type OnLeft } from './members.ts';
import { readSource } from './pushing.ts';

/** Everybody who may see the same of a subscription. They share one source, one execution and one serialisation. */
export interface Audience {
  /** Whether members get only the newest result, so that there is nothing to replay. */
  readonly isNewestOnly: boolean;
  /**
   * Adds a member, which gets the results from now on.
   * @param onLeft runs once, when the member has left or the audience has ended; with the error that has ended it, if one has.
   * @param knowsPast whether the result that it gets at once is sent as one of the past.
   */
  join(onLeft: OnLeft, knowsPast?: boolean): SharedResults;
  /** Adds a member that had some results before: it gets those it missed, then those from now on; or just the newest one. */
  resume(onLeft: OnLeft, missed: Missed): Promise<SharedResults>;
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

export function createAudience(options: AudienceOptions): Audience {
  return new SharedAudience(options);
}

class SharedAudience implements Audience {
  readonly isNewestOnly: boolean;
  readonly #options: AudienceOptions;
  readonly #members = new Members(() => this.endIfEmpty());
  readonly #membership: Membership;
  readonly #gathered: Gathering;
  readonly #history: History;
  #lastPosition: Position | undefined;
  #hasBegun = false;
  #isOver = false;
  /** The error that the source has failed with. */
  #failure: unknown;

  constructor(options: AudienceOptions) {
    const { delivery, turn, maxWaiting, historyBudget, partBytes, context } = options;
    const deliver = (batch: Batch): void => this.#deliver(batch);
    this.#options = options;
    this.#membership = {
      maxWaiting,
      context,
      onLeave: (member, error) => this.#members.leave(member, error),
      cursorOf: (member) => this.#cursorOf(member),
    };
    this.isNewestOnly = 'newestEveryMs' in delivery;
    this.#gathered =
      'newestEveryMs' in delivery
        ? gatherNewest(delivery.newestEveryMs, deliver)
        : gatherEvery(turn, deliver);
    this.#history = createHistory(() => this.#reached()?.offset ?? 0, historyBudget, partBytes);
    if (this.isNewestOnly) this.#begin(); // the newest result waits for the first member
  }

  join(onLeft: OnLeft, knowsPast = false): SharedResults {
    return this.#joinNow(this.#admit(onLeft), 0, knowsPast);
  }

  async resume(onLeft: OnLeft, { cursor, after, make }: Missed): Promise<SharedResults> {
    const { isNewestOnly } = this;
    const member = this.#admit(onLeft, { cursor, after, isNewestOnly });
    if (isNewestOnly) return this.#joinNow(member, after);
    const release = this.#history.hold();
    try {
      await this.#history.reachBack(after, make);
    } catch (error) {
      release();
      this.#members.leave(member, error);
      throw error;
    }
    void this.#replay(member, after).finally(release);
    return member;
  }

  endIfEmpty(): void {
    if (this.#members.size > 0 || this.#options.isAwaited() || this.#isOver) return;
    this.#finish();
    this.#returnSource();
  }

  /** What comes before the first member would be delivered to nobody: until then it waits in the source. */
  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    readSource(this.#options.source, {
      take: (result) => this.#take(result),
      end: () => this.#end(),
      fail: (error) => this.#fail(error),
    });
  }

  #take(result: ExecutionResult): void {
    const options = this.#options;
    try {
      options.onExecuted();
      const frame = createFrame(result, options.resultPosition(), options.toWire);
      this.#lastPosition = frame.position ?? this.#lastPosition;
      this.#history.append(frame);
      this.#gathered.add(frame);
    } catch (error) {
      this.#fail(error);
    }
  }

  #deliver(batch: Batch): void {
    const { liveSize } = this.#members;
    // The newest result is delivered to the first member that joins.
    if (liveSize > 0 || !this.isNewestOnly) this.#options.onDelivered(liveSize);
    this.#members.deliver(batch);
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#end();
    this.#returnSource();
  }

  /** The source has ended. */
  #end(): void {
    if (this.#isOver) return;
    this.#gathered.flush();
    this.#finish();
    this.#members.closeAll(this.#failure);
  }

  #finish(): void {
    this.#isOver = true;
    this.#gathered.stop();
    this.#history.close();
    this.#options.onEmpty();
  }

  #returnSource(): void {
    void this.#options.source.return(undefined).catch(() => undefined); // nobody is left to report it to
  }

  #admit(onLeft: OnLeft, resumption?: Resumption): Member {
    const member = new Member(this.#membership, resumption);
    this.#members.add(member, onLeft);
    this.#begin();
    if (this.#isOver) {
      member.close(this.#failure);
      this.#members.leave(member, this.#failure);
    }
    return member;
  }

  #joinNow(member: Member, after: number, knowsPast = false): SharedResults {
    this.#goLive(member);
    const { newest } = this.#gathered;
    const isOlder = (this.#reached()?.offset ?? 0) < after; // than what the member had
    if (newest === undefined || isOlder) return member;
    if (this.#members.liveSize === 1) this.#options.onDelivered(1);
    member.deliver(createBatch([knowsPast ? newest.asPast : newest], true));
    return member;
  }

  /** The member gets the results from now on, but not those that were gathered before. */
  #goLive(member: Member): void {
    this.#gathered.flush();
    this.#members.goLive(member);
  }

  /** Delivers to a member what it missed, as fast as it has room, until it has caught up with the others. */
  async #replay(member: Member, after: number): Promise<void> {
    for (let at = after; !member.isOver; at = member.position?.offset ?? at) {
      const room = member.room();
      if (room !== undefined) {
        await room; // then ask again: others may have taken the room
        continue;
      }
      this.#gathered.flush();
      const frames = this.#history.after(at);
      if (frames === undefined) return member.endSlow();
      if (frames.length === 0) return this.#goLive(member);
      member.deliver(createBatch(frames, false));
    }
  }

  #cursorOf(member: Member): string | undefined {
    const { resumption } = member;
    const known = member.position?.cursor ?? resumption?.cursor;
    if (this.isNewestOnly) return known ?? this.#emptyCursor();
    if (!this.#members.isLive(member)) return known;
    this.#gathered.flush();
    const upTo = this.#reached();
    return upTo !== undefined && upTo.offset >= (resumption?.after ?? 0) ? upTo.cursor : known;
  }

  /** The cursor before the first result. A later one would claim a result that is still on its way. */
  #emptyCursor(): string | undefined {
    const upTo = this.#reached();
    return upTo?.offset === 0 ? upTo.cursor : undefined;
  }

  /** How far results were made: the position of the last result, or a later one if the events after it made none. */
  #reached(): Position | undefined {
    const reached = this.#options.sourcePosition();
    const last = this.#lastPosition;
    return last !== undefined && last.offset > (reached?.offset ?? 0) ? last : reached;
  }
}
