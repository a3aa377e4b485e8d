import type { ExecutionResult } from 'graphql';
import { BYTES, type Bytes, toBytes } from './bytes.ts';

/** Where in its source a result comes from; by the cursor a client resumes behind it. */
export interface Position {
  /** 1, 2, 3 … as the source counts. */
  readonly offset: number;
  readonly cursor: string;
}

/** One result of an audience's subscription, serialised once however many receive it. */
export interface Frame {
  readonly result: ExecutionResult;
  /** The result as JSON. */
  readonly json: Bytes;
  /** The same in a buffer, which any number of sockets can be given without a copy; worth it where it is large. */
  readonly buffer: Buffer;
  /** `undefined`: it cannot be resumed. */
  readonly position: Position | undefined;
}

type ToWire = (result: ExecutionResult, position: Position | undefined) => unknown;

/** @param toWire what of the result is sent. */
export function createFrame(result: ExecutionResult, position: Position | undefined, toWire: ToWire): Frame {
  return new LazyFrame(result, position, toWire);
}

class LazyFrame implements Frame {
  readonly result: ExecutionResult;
  readonly position: Position | undefined;
  readonly #toWire: ToWire;
  #json: Bytes | undefined;
  #buffer: Buffer | undefined;

  constructor(result: ExecutionResult, position: Position | undefined, toWire: ToWire) {
    this.result = result;
    this.position = position;
    this.#toWire = toWire;
  }

  get json(): Bytes {
    this.#json ??= toBytes(JSON.stringify(this.#toWire(this.result, this.position)));
    return this.#json;
  }

  get buffer(): Buffer {
    this.#buffer ??= Buffer.from(this.json, BYTES);
    return this.#buffer;
  }
}

/** Writes frames as a protocol does. */
export type Encoder = (frames: readonly Frame[]) => Bytes;

/** What an audience has to tell after one turn of the event loop: its frames, in order, and their encodings for the wire. */
export interface Batch {
  readonly frames: readonly Frame[];
  /** Whether each batch makes the ones before it worthless, so that a client that lags may miss some. */
  readonly isNewestOnly: boolean;
  /** The frames as bytes, made once for each encoder and shared by all who use it. */
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
