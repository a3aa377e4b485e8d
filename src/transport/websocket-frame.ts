import type { Frame } from '../delivery/batch.ts';

/** FIN and the opcode of a text frame (RFC 6455, section 5.2). A server does not mask. */
const TEXT = 0x81;
const CLOSING_BRACE = 0x7d;

/**
 * The `next` messages of an operation (graphql-transport-ws), each as one WebSocket frame, one behind the other: ready for
 * the socket, with the results' JSON copied and not made again.
 */
export function encodeNext(operationId: string, frames: readonly Frame[]): Buffer {
  const prefix = Buffer.from(`{"id":${JSON.stringify(operationId)},"type":"next","payload":`);
  let size = 0;
  for (const { json } of frames) {
    const length = prefix.length + json.length + 1;
    size += headerLength(length) + length;
  }
  const bytes = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const { json } of frames) {
    offset = writeHeader(bytes, offset, prefix.length + json.length + 1);
    offset += prefix.copy(bytes, offset);
    offset += json.copy(bytes, offset);
    bytes[offset] = CLOSING_BRACE;
    offset += 1;
  }
  return bytes;
}

/** Any message as one WebSocket frame. */
export function encodeMessage(message: object): Buffer {
  const text = Buffer.from(JSON.stringify(message));
  const bytes = Buffer.allocUnsafe(headerLength(text.length) + text.length);
  text.copy(bytes, writeHeader(bytes, 0, text.length));
  return bytes;
}

function headerLength(payloadLength: number): number {
  if (payloadLength < 126) return 2;
  return payloadLength < 65_536 ? 4 : 10;
}

function writeHeader(bytes: Buffer, start: number, payloadLength: number): number {
  bytes[start] = TEXT;
  if (payloadLength < 126) {
    bytes[start + 1] = payloadLength;
  } else if (payloadLength < 65_536) {
    bytes[start + 1] = 126;
    bytes.writeUInt16BE(payloadLength, start + 2);
  } else {
    bytes[start + 1] = 127;
    bytes.writeBigUInt64BE(BigInt(payloadLength), start + 2);
  }
  return start + headerLength(payloadLength);
}
