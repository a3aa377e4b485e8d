import { inflateRawSync } from 'node:zlib';

/**
 * The texts of complete, unmasked, unfragmented WebSocket frames (RFC 6455, section 5.2), compressed (RFC 7692) or not. No byte may be
 * left over.
 */
export function readFrames(bytes: Buffer): string[] {
  const texts: string[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const { end, text } = readFrame(bytes, offset);
    texts.push(text);
    offset = end;
  }
  return texts;
}

const FIN_AND_TEXT = 0x81;
const COMPRESSED = 0x40;
/** What a compressed message leaves out. */
const FLUSH_END = Buffer.from([0, 0, 0xff, 0xff]);

function readFrame(bytes: Buffer, start: number): { readonly text: string; readonly end: number } {
  const first = bytes[start] ?? 0;
  if ((first & ~COMPRESSED) !== FIN_AND_TEXT) throw new Error(`no whole text frame at ${start}`);
  const short = bytes.readUInt8(start + 1);
  if (short > 127) throw new Error('a server masks nothing');
  const headerLength = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length =
    short < 126
      ? short
      : short === 126
        ? bytes.readUInt16BE(start + 2)
        : Number(bytes.readBigUInt64BE(start + 2));
  if ((short === 126 && length < 126) || (short === 127 && length < 65_536))
    throw new Error('not the shortest length');
  const end = start + headerLength + length;
  if (end > bytes.length) throw new Error(`cut off: ${end} of ${bytes.length} bytes`);
  const payload = bytes.subarray(start + headerLength, end);
  const text = first === FIN_AND_TEXT ? payload : inflateWhole(payload);
  return { text: new TextDecoder('utf-8', { fatal: true }).decode(text), end };
}

/** @throws if it breaks off. */
function inflateWhole(payload: Buffer): Buffer {
  const lastBlock = Buffer.from([1, 0, 0, 0xff, 0xff]);
  return inflateRawSync(Buffer.concat([payload, FLUSH_END, lastBlock]));
}
