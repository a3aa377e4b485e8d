import { BYTES, type Bytes, type Frame } from 'yoga-shared-subscriptions';
import type { Outbox, Printed } from './outbox.ts';
import { deflate } from './websocket-deflate.ts';
import { endOf, type NextHead, restOf, startOf } from './websocket-frame.ts';

/** From this size on, in bytes, a result is sent as a buffer that all sockets share: a string is copied for each of them. */
const SHARED_FROM = 4096;
/** From this number on, results are sent as a page. */
const PAGE_FROM = 4;

/** Adds to an outbox what `encodeNext` writes. */
export function addNext(
  outbox: Pick<Outbox, 'add' | 'addShared' | 'addPrinted'>,
  head: NextHead,
  frames: readonly Frame[],
): void {
  const page = pageOf(head, frames);
  if (page === undefined) addSingly(outbox, head, frames);
  else outbox.addPrinted(page);
}

function addSingly(
  outbox: Pick<Outbox, 'add' | 'addShared'>,
  head: NextHead,
  frames: readonly Frame[],
): void {
  let bytes: Bytes = '';
  for (const frame of frames) {
    const rest = restOf(head, frame);
    bytes += startOf(head, rest.length);
    if (rest.length < SHARED_FROM) {
      bytes += rest + endOf(head);
      continue;
    }
    outbox.add(bytes);
    outbox.addShared(head.isCompressed ? deflate(frame).buffer : frame.buffer);
    bytes = endOf(head);
  }
  outbox.add(bytes);
}

/**
 * The messages of many results, written out once for all operations whose heads have the same length. An operation's own head is put in
 * just before its socket's write. To join the messages as strings for each socket, and to copy them out of the string, took three times
 * as long.
 */
class Page {
  /** A page that is kept must not keep its results in memory. */
  readonly #frames: WeakRef<readonly Frame[]>;
  readonly #isCompressed: boolean;
  readonly #headLength: number;
  /** Where each head begins. */
  readonly #headsAt: number[] = [];
  #buffer: Buffer;
  #isGivenAway = false;

  constructor(head: NextHead, frames: readonly Frame[]) {
    this.#frames = new WeakRef(frames);
    this.#isCompressed = head.isCompressed;
    this.#headLength = head.bytes.length;
    let bytes: Bytes = '';
    for (const frame of frames) {
      const rest = restOf(head, frame);
      bytes += startOf(head, rest.length);
      this.#headsAt.push(bytes.length - this.#headLength);
      bytes += rest + endOf(head);
    }
    this.#buffer = Buffer.from(bytes, BYTES);
  }

  get length(): number {
    return this.#buffer.length;
  }

  fits({ bytes, isCompressed }: NextHead, frames: readonly Frame[]): boolean {
    return (
      bytes.length === this.#headLength &&
      isCompressed === this.#isCompressed &&
      frames === this.#frames.deref()
    );
  }

  /** The messages with this head. The buffer is used again for the next head, unless it is given away. */
  print({ bytes }: NextHead): Buffer {
    if (this.#isGivenAway) this.#buffer = Buffer.from(this.#buffer);
    this.#isGivenAway = false;
    const buffer = this.#buffer;
    const first = this.#headsAt[0] ?? 0;
    buffer.write(bytes, first, BYTES);
    for (const at of this.#headsAt) buffer.copyWithin(at, first, first + bytes.length);
    return buffer;
  }

  /** What was printed last must stay as it is. */
  giveAway(): void {
    this.#isGivenAway = true;
  }
}

/**
 * What is kept of pages. Clients who replay the same log are apart by as much as they began and read apart: 10,000 events are 7 MB. Where
 * a quarter of that was kept, each page of 1,000 clients was made again 30 times.
 */
const KEPT = { pages: 256, bytes: 16_777_216, ms: 10_000 } as const;

/** The pages that were used last, the latest at the end. */
let kept: Page[] = [];
let keptBytes = 0;

/** `undefined`: these results are not sent as a page. */
function pageOf(head: NextHead, frames: readonly Frame[]): Printed | undefined {
  if (frames.length < PAGE_FROM) return undefined;
  const page = findPage(head, frames) ?? makePage(head, frames);
  return page && { length: page.length, print: () => page.print(head), giveAway: () => page.giveAway() };
}

function findPage(head: NextHead, frames: readonly Frame[]): Page | undefined {
  const at = kept.findLastIndex((known) => known.fits(head, frames));
  const page = kept[at];
  if (page === undefined || at === kept.length - 1) return page;
  kept.splice(at, 1);
  kept.push(page);
  return page;
}

function makePage(head: NextHead, frames: readonly Frame[]): Page | undefined {
  if (frames.some((frame) => restOf(head, frame).length >= SHARED_FROM)) return undefined;
  const page = new Page(head, frames);
  if (kept.length === 0) setTimeout(forgetPages, KEPT.ms).unref();
  kept.push(page);
  keptBytes += page.length;
  while (kept.length > KEPT.pages || (kept.length > 1 && keptBytes > KEPT.bytes))
    keptBytes -= kept.shift()?.length ?? 0;
  return page;
}

/** Forgets all pages. One that is still needed is made again. */
export function forgetPages(): void {
  kept = [];
  keptBytes = 0;
}
