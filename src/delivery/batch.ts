import type { ExecutionResult } from 'graphql';
import { type Bytes, toBytes } from './bytes.ts';

/** One result of an audience's subscription, serialised once however many receive it. */
export interface Frame {
  readonly result: ExecutionResult;
  /** The result as JSON. */
  readonly json: Bytes;
}

/** @param toWire what of the result is sent. */
export function createFrame(result: ExecutionResult, toWire: (result: ExecutionResult) => unknown): Frame {
  let json: Bytes | undefined;
  return {
    result,
    get json() {
      json ??= toBytes(JSON.stringify(toWire(result)));
      return json;
    },
  };
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
  const encodings = new Map<Encoder, Bytes>();
  return {
    frames,
    isNewestOnly,
    encode(encoder) {
      const known = encodings.get(encoder);
      if (known !== undefined) return known;
      const bytes = encoder(frames);
      encodings.set(encoder, bytes);
      return bytes;
    },
  };
}
