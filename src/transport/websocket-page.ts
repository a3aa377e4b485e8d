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
  readonly #frames: readonly Frame[];
  readonly #isCompressed: boolean;
  readonly #headLength: number;
  /** Where each head begins. */
  readonly #headsAt: number[] = [];
  #buffer: Buffer;
  #isGivenAway = false;

  constructor(head: NextHead, frames: readonly Frame[]) {
    this.#frames = frames;
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
      frames === this.#frames && isCompressed === this.#isCompressed && bytes.length === this.#headLength
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

/** What is kept of pages: as many as clients are apart who replay the same log, unless one reads slowly. */
const KEPT = { pages: 32, bytes: 4_194_304 } as const;

/** The pages that were made last, the newest at the end. */
const kept: Page[] = [];
let keptBytes = 0;

/** `undefined`: these results are not sent as a page. */
function pageOf(head: NextHead, frames: readonly Frame[]): Printed | undefined {
  if (frames.length < PAGE_FROM) return undefined;
  const page = kept.findLast((known) => known.fits(head, frames)) ?? makePage(head, frames);
  return page && { length: page.length, print: () => page.print(head), giveAway: () => page.giveAway() };
}

function makePage(head: NextHead, frames: readonly Frame[]): Page | undefined {
  if (frames.some((frame) => restOf(head, frame).length >= SHARED_FROM)) return undefined;
  const page = new Page(head, frames);
  kept.push(page);
  keptBytes += page.length;
  while (kept.length > KEPT.pages || (kept.length > 1 && keptBytes > KEPT.bytes))
    keptBytes -= kept.shift()?.length ?? 0;
  return page;
}
