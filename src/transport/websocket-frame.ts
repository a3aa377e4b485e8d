import { type Bytes, type Frame, toBytes } from 'yoga-shared-subscriptions';
import { deflate, store } from './websocket-deflate.ts';

/** FIN and the opcode of a text frame (RFC 6455, section 5.2). A server does not mask. */
const TEXT = 0x81;
/** The same with RSV1, the sign of a compressed message (RFC 7692, section 6). */
const COMPRESSED_TEXT = 0xc1;

/** What the `next` messages of an operation (graphql-transport-ws) begin with. */
export interface NextHead {
  readonly bytes: Bytes;
  /** Whether its messages are compressed. */
  readonly isCompressed: boolean;
}

/** @param isCompressed whether the client takes compressed messages. */
export function nextHead(operationId: string, isCompressed: boolean): NextHead {
  const text = toBytes(`{"id":${JSON.stringify(operationId)},"type":"next","payload":`);
  return { bytes: isCompressed ? store(text) : text, isCompressed };
}

/**
 * Writes the `next` messages of an operation, each as one WebSocket frame, one after the other: ready for the socket. The JSON of
 * the results is used as it is.
 */
export function encodeNext(head: NextHead, frames: readonly Frame[]): Bytes {
  let bytes: Bytes = '';
  for (const frame of frames) {
    const rest = restOf(head, frame);
    bytes += startOf(head, rest.length) + rest + endOf(head);
  }
  return bytes;
}

/** A result, as it is in a message. */
export function restOf({ isCompressed }: Pick<NextHead, 'isCompressed'>, frame: Frame): Bytes {
  return isCompressed ? deflate(frame).bytes : frame.json;
}

/** What comes before a result, which has this many bytes. It ends with the head. */
export function startOf(head: NextHead, restLength: number): Bytes {
  const first = head.isCompressed ? COMPRESSED_TEXT : TEXT;
  return header(head.bytes.length + restLength + endOf(head).length, first) + head.bytes;
}

/** What comes after a result: what is compressed has its end already. */
export function endOf({ isCompressed }: NextHead): Bytes {
  return isCompressed ? '' : '}';
}

/** Any text as one WebSocket frame. */
export function encodeText(text: string): Bytes {
  const bytes = toBytes(text);
  return header(bytes.length) + bytes;
}

function header(payloadLength: number, first = TEXT): Bytes {
  if (payloadLength < 126) return String.fromCharCode(first, payloadLength);
  if (payloadLength < 65_536)
    return String.fromCharCode(first, 126, payloadLength >> 8, payloadLength & 0xff);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(payloadLength));
  return String.fromCharCode(first, 127, ...length);
}
