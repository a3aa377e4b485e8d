import type { Batch } from './batch.ts';
import type { Member } from './member.ts';

/** Called when a member has left; with an error if that has ended it. */
export type OnLeft = (error?: unknown) => void;

/** The members of one audience. Some of them are live: they get each batch when it is made. The others still replay what they missed. */
export class Members {
  readonly #all = new Map<Member, OnLeft>();
  readonly #live = new Set<Member>();
  readonly #onLeave: () => void;

  /** @param onLeave runs after each member that has left. */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  get size(): number {
    return this.#all.size;
  }

  get liveSize(): number {
    return this.#live.size;
  }

  /** @param onLeft runs once, when the member has left or all of them are closed. */
  add(member: Member, onLeft: OnLeft): void {
    this.#all.set(member, onLeft);
  }

  isLive(member: Member): boolean {
    return this.#live.has(member);
  }

  goLive(member: Member): void {
    if (!member.isOver) this.#live.add(member);
  }

  /** Delivers to the live members. One that fails leaves, and disturbs no other. */
  deliver(batch: Batch): void {
    for (const member of this.#live) {
      try {
        member.deliver(batch);
      } catch (error) {
        member.close(error);
        this.leave(member, error);
      }
    }
  }

  /** @param error why it was ended, if it did not leave by itself. */
  leave(member: Member, error?: unknown): void {
    const onLeft = this.#all.get(member);
    if (onLeft === undefined) return;
    this.#all.delete(member);
    this.#live.delete(member);
    onLeft(error);
    this.#onLeave();
  }

  /** @param error the members' iterators reject with it, if there is one. */
  closeAll(error: unknown): void {
    for (const [member, onLeft] of this.#all) {
      member.close(error);
      onLeft(error);
    }
    this.#all.clear();
    this.#live.clear();
  }
}
