import { type Bytes, type Frame, toBytes } from 'yoga-shared-subscriptions';
import type { Outbox } from './outbox.ts';

/** FIN and the opcode of a text frame (RFC 6455, section 5.2). A server does not mask. */
const TEXT = 0x81;

/** What the `next` messages of an operation (graphql-transport-ws) begin with, for {@link encodeNext}. */
export function nextPrefix(operationId: string): Bytes {
  return toBytes(`{"id":${JSON.stringify(operationId)},"type":"next","payload":`);
}

/**
 * Writes the `next` messages of an operation, each as one WebSocket frame, one after the other: ready for the socket. The JSON of
 * the results is used as it is.
 */
export function encodeNext(prefix: Bytes, frames: readonly Frame[]): Bytes {
  let bytes: Bytes = '';
  for (const { json } of frames) bytes += `${header(prefix.length + json.length + 1)}${prefix}${json}}`;
  return bytes;
}

/** From this size on, in bytes, a result is sent as a buffer that all sockets share: a string is copied for each of them. */
const SHARED_FROM = 4096;

/** Adds to an outbox what {@link encodeNext} writes. */
export function addNext(
  outbox: Pick<Outbox, 'add' | 'addShared'>,
  prefix: Bytes,
  frames: readonly Frame[],
): void {
  let bytes: Bytes = '';
  for (const frame of frames) {
    const { length } = frame.json;
    bytes += header(prefix.length + length + 1) + prefix;
    if (length < SHARED_FROM) {
      bytes += `${frame.json}}`;
      continue;
    }
    outbox.add(bytes);
    outbox.addShared(frame.buffer);
    bytes = '}';
  }
  outbox.add(bytes);
}

/** Any text as one WebSocket frame. */
export function encodeText(text: string): Bytes {
  const bytes = toBytes(text);
  return header(bytes.length) + bytes;
}

function header(payloadLength: number): Bytes {
  if (payloadLength < 126) return String.fromCharCode(TEXT, payloadLength);
  if (payloadLength < 65_536) return String.fromCharCode(TEXT, 126, payloadLength >> 8, payloadLength & 0xff);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(payloadLength));
  return String.fromCharCode(TEXT, 127, ...length);
}
