import type { ExecutionResult } from 'graphql';
import { type Bytes, toBytes } from './bytes.ts';

/** Where in its source a result comes from; by the cursor a client resumes behind it. */
export interface Mark {
  /** 1, 2, 3 … as the source counts. */
  readonly offset: number;
  readonly cursor: string;
}

/** One result of an audience's subscription, serialised once however many receive it. */
export interface Frame {
  readonly result: ExecutionResult;
  /** The result as JSON. */
  readonly json: Bytes;
  /** `undefined`: it cannot be resumed. */
  readonly mark: Mark | undefined;
}

/** @param toWire what of the result is sent. */
export function createFrame(
  result: ExecutionResult,
  mark: Mark | undefined,
  toWire: (result: ExecutionResult, mark: Mark | undefined) => unknown,
): Frame {
  let json: Bytes | undefined;
  return {
    result,
    mark,
    get json() {
      json ??= toBytes(JSON.stringify(toWire(result, mark)));
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
