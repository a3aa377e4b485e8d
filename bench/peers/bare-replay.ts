/**
 * The least that a replay can cost in Node: the log of a unit is read once, written out once in pages, and every socket gets the same
 * buffers. All but the first event were missed, as the scenario has it. No operation has an id of its own, and no cursor is looked for.
 */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { Redis } from 'ioredis';
import { REDIS_URL } from './peer.ts';

/** As many bytes as our server writes at once. */
const PAGE_BYTES = 131_072;
/** What our server adds to each event, its cursor, shorter by the fields that nobody asked it for. */
const EXTENSIONS = `,"extensions":{"cursor":"${'0'.repeat(29)}"}`;

const HEAD = '{"id":"5f0c1ac5-6a1e-4f0a-9a43-000000000000","type":"next","payload":';

const redis = new Redis(REDIS_URL);
const logs = new Map<string, Promise<readonly Buffer[]>>();

export async function writeMissed(stream: Duplex, log: string): Promise<void> {
  const known = logs.get(log);
  const reading = known ?? readPages(log);
  if (known === undefined) logs.set(log, reading);
  for (const page of await reading) if (!stream.write(page)) await once(stream, 'drain');
}

async function readPages(log: string): Promise<readonly Buffer[]> {
  const pages: Buffer[] = [];
  let page: Buffer[] = [];
  let bytes = 0;
  for (const [, fields] of (await redis.xrange(log, '-', '+')).slice(1)) {
    const frame = frameOf(fields[fields.indexOf('event') + 1] ?? '');
    page.push(frame);
    bytes += frame.length;
    if (bytes < PAGE_BYTES) continue;
    pages.push(Buffer.concat(page));
    page = [];
    bytes = 0;
  }
  return [...pages, Buffer.concat(page)];
}

/** One WebSocket frame (RFC 6455, section 5.2) with 126 bytes or more, and less than 64 KiB. */
function frameOf(event: string): Buffer {
  const payload = Buffer.from(`${HEAD}{"data":{"requestUpdated":${event}}${EXTENSIONS}}}`);
  return Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]), payload]);
}
