import type { ExecutionResult } from 'graphql';
import { BYTES, type Bytes, toBytes } from './bytes.ts';

/**
 * The position of a result in its source. A client sends the cursor to resume after it. Example: the third event of a source has the
 * offset 3, and whatever cursor the source gave it.
 */
export interface Position {
  /** 1, 2, 3 … as the source counts. */
  readonly offset: number;
  readonly cursor: string;
  /** When it happened, as the source counts time. */
  readonly at?: number | undefined;
}

/** One result of an audience's subscription. It is serialised once, however many members receive it. */
export interface Frame {
  readonly result: ExecutionResult;
  /** The result as JSON. */
  readonly json: Bytes;
  /** The same in a buffer, which any number of sockets can send without a copy. That pays where the frame is large. */
  readonly buffer: Buffer;
  /** `undefined`: it cannot be resumed. */
  readonly position: Position | undefined;
  /** The same for a member that gets it later than others, serialised for itself. */
  readonly asPast: Frame;
}

/** @param isPast whether the result is sent to members that get it later than others. */
export type ToWire = (result: ExecutionResult, position: Position | undefined, isPast: boolean) => unknown;

/** @param toWire picks the part of the result that is sent. Default: all of it. */
export function createFrame(
  result: ExecutionResult,
  position: Position | undefined,
  toWire: ToWire = sendAll,
  isPast = false,
): Frame {
  return new LazyFrame(result, position, toWire, isPast);
}

const sendAll: ToWire = (result) => result;

class LazyFrame implements Frame {
  readonly result: ExecutionResult;
  readonly position: Position | undefined;
  readonly #toWire: ToWire;
  readonly #isPast: boolean;
  #asPast: Frame | undefined;
  #json: Bytes | undefined;
  #buffer: Buffer | undefined;

  constructor(result: ExecutionResult, position: Position | undefined, toWire: ToWire, isPast: boolean) {
    this.result = result;
    this.position = position;
    this.#toWire = toWire;
    this.#isPast = isPast;
  }

  get json(): Bytes {
    this.#json ??= toBytes(JSON.stringify(this.#toWire(this.result, this.position, this.#isPast)));
    return this.#json;
  }

  get asPast(): Frame {
    if (this.#isPast || this.#toWire === sendAll) return this;
    this.#asPast ??= new LazyFrame(this.result, this.position, this.#toWire, true);
    return this.#asPast;
  }

  get buffer(): Buffer {
    this.#buffer ??= Buffer.from(this.json, BYTES);
    return this.#buffer;
  }
}

/** Writes frames in the format of a protocol. */
export type Encoder = (frames: readonly Frame[]) => Bytes;

/** The frames that an audience made in one turn of the event loop, in order, and their encodings for the wire. */
export interface Batch {
  readonly frames: readonly Frame[];
  /** Whether each batch replaces the ones before it, so that a slow client may miss some. */
  readonly isNewestOnly: boolean;
  /** The frames as bytes. They are made once for each encoder, and shared by all who use it. */
  encode(encoder: Encoder): Bytes;
}

export function createBatch(frames: readonly Frame[], isNewestOnly: boolean): Batch {
  let encodings: Map<Encoder, Bytes> | undefined;
  return {
    frames,
    isNewestOnly,
    encode(encoder) {
      const known = encodings?.get(encoder);
      if (known !== undefined) return known;
      const bytes = encoder(frames);
      encodings ??= new Map();
      encodings.set(encoder, bytes);
      return bytes;
    },
  };
}
