import type { ExecutionResult } from 'graphql';

/** Where in its source a result comes from; by the cursor a client resumes behind it. */
export interface Mark {
  /** 1, 2, 3 … as the source counts. */
  readonly offset: number;
  readonly cursor: string;
}

/** One result of an audience's subscription, serialised once however many receive it. */
export interface Frame {
  readonly result: ExecutionResult;
  /** The result as JSON, in UTF-8. */
  readonly json: Buffer;
  /** `undefined`: it cannot be resumed. */
  readonly mark: Mark | undefined;
}

/** @param toWire what of the result is sent. */
export function createFrame(
  result: ExecutionResult,
  mark: Mark | undefined,
  toWire: (result: ExecutionResult, mark: Mark | undefined) => unknown,
): Frame {
  let json: Buffer | undefined;
  return {
    result,
    mark,
    get json() {
      json ??= Buffer.from(JSON.stringify(toWire(result, mark)));
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
