import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  compressFiles,
  createStaticFile,
  type StaticFile,
  sendStaticFile,
} from '../../src/transport/static-file.ts';

const TEXT = 'a text that gets shorter '.repeat(100);
const TYPE = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' };

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

async function useFile(file: StaticFile) {
  const server = createServer((asked, response) => sendStaticFile(file, asked, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return async (headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> => {
    const sent = request({ port, method, headers, agent: false }).end();
    const [response] = await once(sent, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
  };
}

async function useCompressedFile() {
  const file = createStaticFile(Buffer.from(TEXT), TYPE);
  await compressFiles([file]);
  return useFile(file);
}

describe('A static file', () => {
  test.each<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate, zstd', undefined],
    ['gzip', 'gzip'],
    ['GZip', 'gzip'],
    ['br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip;q=1.0, br;q=0', 'gzip'],
    ['gzip; q=0.5', 'gzip'],
    ['gzip;q=0', undefined],
    ['*', 'br'],
    ['*;q=0, gzip', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['gzip;q=nonsense', undefined],
  ])('is sent to a client that accepts %s as %s', async (accepted, encoding) => {
    const ask = await useCompressedFile();
    const { status, headers, body } = await ask(
      accepted === undefined ? {} : { 'accept-encoding': accepted },
    );
    expect([status, headers['content-encoding']]).toEqual([200, encoding]);
    expect(headers['content-length']).toBe(String(body.length));
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync };
    const text = encoding === 'br' || encoding === 'gzip' ? unpack[encoding](body) : body;
    expect(String(text)).toBe(TEXT);
    expect(headers).toMatchObject({
      ...TYPE,
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    });
  });

  test('is sent uncompressed until it is compressed', async () => {
    const ask = await useFile(createStaticFile(Buffer.from(TEXT), TYPE));
    const { headers, body } = await ask({ 'accept-encoding': 'gzip, br' });
    expect([headers['content-encoding'], String(body)]).toEqual([undefined, TEXT]);
  });

  test('is not sent again to a client that has it in this encoding', async () => {
    const ask = await useCompressedFile();
    const etags = new Set<string>();
    for (const encoding of ['identity', 'gzip', 'br']) {
      const accepted = { 'accept-encoding': encoding };
      const etag = String((await ask(accepted)).headers['etag']);
      etags.add(etag);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const { status, headers, body } = await ask({ ...accepted, 'if-none-match': known });
        expect([status, body.length, headers['etag'], headers['vary']]).toEqual([
          304,
          0,
          etag,
          'Accept-Encoding',
        ]);
      }
      expect((await ask({ ...accepted, 'if-none-match': '"other"' })).status).toBe(200);
    }
    expect(etags.size).toBe(3);
  });

  test('answers HEAD without a body, and refuses POST', async () => {
    const ask = await useCompressedFile();
    const { headers } = await ask({ 'accept-encoding': 'gzip' });
    const { status, headers: described, body } = await ask({ 'accept-encoding': 'gzip' }, 'HEAD');
    expect([status, body.length, described['content-length'], described['etag']]).toEqual([
      200,
      0,
      headers['content-length'],
      headers['etag'],
    ]);
    expect((await ask({}, 'POST')).status).toBe(405);
  });
});
