import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A year, in seconds: a file whose name follows from its content never changes. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** A file in memory, as it is served: one buffer for all who ask for it, however slowly they read. */
export interface StaticFile {
  readonly content: Buffer;
  readonly headers: Readonly<OutgoingHttpHeaders>;
  /** Of the content, in hexadecimal. */
  readonly hash: string;
  /** The content once more, compressed, as far as that is done. */
  readonly compressed: Map<Encoding, Buffer>;
}

type Encoding = 'br' | 'gzip';

/** The best first. */
const ENCODINGS: readonly Encoding[] = ['br', 'gzip'];

/** A ninth smaller than by gzip, for half as much time again; the levels above cost several times as much for 2 %. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
const compressors: Readonly<Record<Encoding, (content: Buffer) => Promise<Buffer>>> = {
  br: (content) => promisify(brotliCompress)(content, BROTLI),
  gzip: (content) => promisify(gzip)(content),
};

export function createStaticFile(
  content: Buffer,
  headers: { readonly 'content-type': string; readonly 'cache-control': string } & OutgoingHttpHeaders,
): StaticFile {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
  return {
    content,
    hash,
    headers: { ...headers, 'x-content-type-options': 'nosniff', vary: 'Accept-Encoding' },
    compressed: new Map(),
  };
}

/** Compresses files, one after the other and on a thread of their own; until one is done it is served as it is. */
export async function compressFiles(files: Iterable<StaticFile>): Promise<void> {
  const all = [...files];
  for (const encoding of ENCODINGS.toReversed())
    for (const { content, compressed } of all) compressed.set(encoding, await compressors[encoding](content));
}

/** Answers GET and HEAD; others are refused. */
export function sendStaticFile(file: StaticFile, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end();
    return;
  }
  const encoding = ENCODINGS.find((name) => file.compressed.has(name) && accepts(headers, name));
  const content = (encoding && file.compressed.get(encoding)) ?? file.content;
  const etag = `"${file.hash}${encoding === undefined ? '' : `-${encoding}`}"`;
  const described = { ...file.headers, etag };
  if (isKnown(headers, etag)) {
    response.writeHead(304, described).end();
    return;
  }
  response.writeHead(200, {
    ...described,
    ...(encoding && { 'content-encoding': encoding }),
    'content-length': content.length,
  });
  response.end(method === 'HEAD' ? undefined : content);
}

/** RFC 9110, 12.5.3: the entry of this name decides, otherwise that of `*`; a weight of 0 refuses. */
function accepts(headers: IncomingHttpHeaders, encoding: Encoding): boolean {
  const weights = new Map<string, number>();
  for (const entry of String(headers['accept-encoding'] ?? '').split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  return (weights.get(encoding) ?? weights.get('*') ?? 0) > 0;
}

/** RFC 9110, 13.1.2: compared weakly, for a proxy that compresses makes it weak. */
function isKnown(headers: IncomingHttpHeaders, etag: string): boolean {
  const known = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known !== undefined && (known.includes(etag) || known.includes('*'));
}
