/**
 * Compression of `next` messages (permessage-deflate, RFC 7692) that costs once for each audience and not once for each socket. A
 * message begins with the id of the socket's own operation, so whole messages cannot be shared. The blocks of a DEFLATE stream
 * can (RFC 1951, section 3.2): the beginning is a stored block, and the result follows in blocks that all sockets share. No message refers to
 * an earlier one (`server_no_context_takeover`), so a socket keeps no window.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { constants, deflateRawSync } from 'node:zlib';
import { BYTES, type Bytes, type Frame } from 'yoga-shared-subscriptions';

/** What follows the beginning of a compressed message. */
export interface Deflated {
  readonly bytes: Bytes;
  readonly buffer: Buffer;
}

const FLUSHED = { finishFlush: constants.Z_SYNC_FLUSH } as const;
/** What a flush ends with: the length of an empty stored block. A message leaves it out (RFC 7692, section 7.2.1). */
const FLUSH_END = 4;

const deflated = new WeakMap<Frame, Deflated>();

/** The result and the `}` after it, compressed once for all sockets. */
export function deflate(frame: Frame): Deflated {
  const known = deflated.get(frame);
  if (known !== undefined) return known;
  const made = deflateRawSync(Buffer.from(`${frame.json}}`, BYTES), FLUSHED);
  const buffer = made.subarray(0, made.length - FLUSH_END);
  const body: Deflated = { bytes: buffer.toString(BYTES), buffer };
  deflated.set(frame, body);
  return body;
}

/** The longest text of one stored block, in bytes. */
const MAX_STORED = 65_535;

/** A text as it is, in the form of DEFLATE: stored blocks, none of which is the last. */
export function store(text: Bytes): Bytes {
  let blocks: Bytes = '';
  for (let start = 0; start < text.length; start += MAX_STORED) {
    const block = text.slice(start, start + MAX_STORED);
    const low = block.length & 0xff;
    const high = block.length >> 8;
    blocks += `${String.fromCharCode(0, low, high, ~low & 0xff, ~high & 0xff)}${block}`;
  }
  return blocks;
}

/**
 * An offer of compression that can be accepted (RFC 7692, section 7.1): a client may not ask for a smaller window than the one that all
 * sockets share. ws would answer other offers by 400, although the client can do without (RFC 7692, section 5.1).
 */
const FITS =
  /^\s*permessage-deflate(\s*;\s*(server_no_context_takeover|client_no_context_takeover|client_max_window_bits(=("?)([89]|1[0-5])\4)?))*\s*$/;

/** Removes from the headers of an upgrade what cannot be accepted. */
export function keepOffersThatFit(headers: IncomingHttpHeaders): void {
  const offers = headers['sec-websocket-extensions']?.split(',').filter((offer) => FITS.test(offer)) ?? [];
  if (offers.length > 0) headers['sec-websocket-extensions'] = offers.join();
  else delete headers['sec-websocket-extensions'];
}
