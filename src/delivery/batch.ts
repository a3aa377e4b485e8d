import type { ExecutionResult } from 'graphql';

/** One result of an audience's subscription, serialised once however many receive it. */
export interface Frame {
  readonly result: ExecutionResult;
  /** The result as JSON, in UTF-8. */
  readonly json: Buffer;
}

/** @param toWire what of the result is sent. */
export function createFrame(result: ExecutionResult, toWire: (result: ExecutionResult) => unknown): Frame {
  let json: Buffer | undefined;
  return {
    result,
    get json() {
      json ??= Buffer.from(JSON.stringify(toWire(result)));
      return json;
    },
  };
}

/** What an audience has to tell after one turn of the event loop: its frames, in order, and their encodings for the wire. */
export interface Batch {
  readonly frames: readonly Frame[];
  /** Whether each batch makes the ones before it worthless, so that a client that lags may miss some. */
  readonly isNewestOnly: boolean;
  /**
   * The frames as bytes, made once for each `key` and shared by all who send the same.
   * @param key names the encoding, e.g. the protocol and an operation id.
   */
  encode(key: string, encoder: (frames: readonly Frame[]) => Buffer): Buffer;
}

export function createBatch(frames: readonly Frame[], isNewestOnly: boolean): Batch {
  const encodings = new Map<string, Buffer>();
  return {
    frames,
    isNewestOnly,
    encode(key, encoder) {
      const known = encodings.get(key);
      if (known !== undefined) return known;
      const bytes = encoder(frames);
      encodings.set(key, bytes);
      return bytes;
    },
  };
}
