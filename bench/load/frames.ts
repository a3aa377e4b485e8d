import { randomBytes } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';

/** Opcodes of WebSocket frames (RFC 6455, section 5.2). */
export const Opcode = { Text: 0x1, Close: 0x8, Ping: 0x9, Pong: 0xa } as const;

const FIN = 0x80;
const MASKED = 0x80;
/** RSV1: the sign of a compressed message (RFC 7692, section 6). */
const COMPRESSED = 0x40;
/** What a compressed message leaves out, and an empty last block. */
const END_OF_COMPRESSED = Buffer.from([0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff]);

/** A client's frame: whole, and masked, as the RFC requires. For payloads under 64 KiB. */
export function encodeFrame(opcode: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  const extended = body.length < 126 ? 0 : 2;
  const frame = Buffer.alloc(2 + extended + 4 + body.length);
  frame[0] = FIN | opcode;
  frame[1] = MASKED | (extended === 0 ? body.length : 126);
  if (extended > 0) frame.writeUInt16BE(body.length, 2);
  const mask = randomBytes(4);
  mask.copy(frame, 2 + extended);
  const start = 2 + extended + 4;
  for (let i = 0; i < body.length; i += 1) frame[start + i] = (body[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return frame;
}

export interface FrameListener {
  /** Whether the listener wants the payload of a frame. Otherwise the payload is skipped. */
  wants(opcode: number, payloadLength: number): boolean;
  /** Called when a whole frame has arrived, with its unpacked payload if the listener wanted it, and its length on the wire. */
  onFrame(opcode: number, payloadLength: number, payload: Buffer | undefined): void;
}

/** Reads a server's frames from the chunks of a socket. It reads hardly more than their headers. */
export function createFrameScanner({ wants, onFrame }: FrameListener): (chunk: Buffer) => void {
  let header = Buffer.alloc(0);
  let opcode = 0;
  let isCompressed = false;
  let length = 0;
  let missing = -1; // the bytes of the current payload that are still missing; -1: the header is still missing
  let kept: Buffer[] | undefined;

  /** Reads a header. Returns its size in bytes, or -1 if it is not complete yet. */
  function readHeader(bytes: Buffer, at: number): number {
    const second = bytes[at + 1];
    if (second === undefined) return -1;
    const short = second & 0x7f;
    const size = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + size > bytes.length) return -1;
    opcode = (bytes[at] ?? 0) & 0x0f;
    isCompressed = ((bytes[at] ?? 0) & COMPRESSED) !== 0;
    if (size === 2) length = short;
    else length = size === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    missing = length;
    kept = wants(opcode, length) ? [] : undefined;
    return size;
  }

  return (chunk) => {
    const bytes = header.length === 0 ? chunk : Buffer.concat([header, chunk]);
    header = Buffer.alloc(0);
    let at = 0;
    while (at < bytes.length || missing === 0) {
      if (missing < 0) {
        const size = readHeader(bytes, at);
        if (size < 0) {
          header = Buffer.from(bytes.subarray(at));
          return;
        }
        at += size;
      }
      const there = Math.min(missing, bytes.length - at);
      kept?.push(Buffer.from(bytes.subarray(at, at + there)));
      at += there;
      missing -= there;
      if (missing > 0) return;
      missing = -1;
      onFrame(opcode, length, kept && unpack(kept, isCompressed));
    }
  };
}

function unpack(parts: readonly Buffer[], isCompressed: boolean): Buffer {
  return isCompressed ? inflateRawSync(Buffer.concat([...parts, END_OF_COMPRESSED])) : Buffer.concat(parts);
}
