/** `documents: 'hash'`: the client of the React package over servers that run trusted documents only. */
import { generate } from '@graphql-codegen/cli';
import { stringifyDocument } from '@urql/core';
import type { DocumentNode } from 'graphql';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Link } from '../../client/src/connection/link.ts';
import { renewSession } from '../../client/src/connection/renew-session.ts';
import { openWebSocket } from '../../client/src/connection/websocket.ts';
import * as Operations from '../../client/src/generated/operations.ts';
import manifest from '../../client/src/generated/trusted-documents.json' with { type: 'json' };
import { RenewSessionDocument, type StorageUpdatedDocument, ViewerDocument } from '../../client/src/index.ts';
import { useApp } from '../support/app.ts';
import { socketUrl } from '../support/clients.ts';
import { sha256, useFolder } from '../support/manifests.ts';
import { publish } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';
import { follow, followAny, followed, useLive } from './support/live.ts';

const texts: Readonly<Record<string, string>> = manifest;
const settings = (...more: readonly object[]): Record<string, string> => {
  const files = [texts, ...more].map((content, index) => [`${index}.json`, content]);
  return { TRUSTED_DOCUMENTS: useFolder(Object.fromEntries(files)) };
};

test('the manifest has each document of the package, as the client sends it in text', () => {
  const documents = Object.entries(Operations).filter(([name]) => /(?<!Fragment)Document$/.test(name));
  const sent = documents.map(([, document]) => stringifyDocument(document as DocumentNode));
  expect(Object.values(texts).toSorted()).toEqual(sent.toSorted());
  expect(Object.keys(texts)).toEqual(Object.values(texts).map((text) => `sha256:${sha256(text)}`));
});

test.each(['websocket', 'sse'] as const)(
  'by %s all that the client does is done by hashes',
  async (transport) => {
    const app = await useApp(settings());
    const client = useLive(app, { transport, documents: 'hash' });
    const following = await followed(client);
    await publish(app, 'a');
    expect(await following.next()).toBe('event a');
    const { data } = await client.urql.query(ViewerDocument, {}).toPromise();
    expect(data?.viewer.id).toBe('17');
    const renewed = await client.urql
      .mutation(RenewSessionDocument, { token: await people.head() })
      .toPromise();
    expect(renewed.data?.renewSession.id).toBe('17');
  },
);

test('a session is renewed by hash, on the open socket', async () => {
  const app = await useApp(settings());
  const options = {
    url: socketUrl(app),
    token: await people.head(),
    webSocketImpl: WebSocket,
    connectTimeoutMs: 5000,
    heartbeatMs: 5000,
  };
  for (const documents of ['hash', 'text'] as const) {
    const link = await new Promise<Link>((resolve) => {
      const opening = openWebSocket(
        { ...options, documents },
        { opened: () => resolve(opening), closed: () => undefined },
      );
    });
    const renewed = renewSession(link, await people.head()).then(
      () => true,
      () => false,
    );
    expect(await renewed).toBe(documents === 'hash');
    link.close();
  }
});

test('without it the server refuses the texts, and a subscription says so', async () => {
  const app = await useApp(settings());
  const following = follow(useLive(app, { transport: 'websocket' }));
  expect(await following.next()).toBe('refused UNTRUSTED_DOCUMENT');
});

/** An app's own document, as GraphQL Code Generator writes it; of the mode the hash may stand for it alone. */
async function generateApp(mode: 'embedHashInDocument' | 'replaceDocumentWithHash') {
  const files = await generate(
    {
      cwd: new URL('../../', import.meta.url).pathname,
      schema: 'schema.graphql',
      documents: ['subscription Mine { storageUpdated { id action } }'],
      generates: {
        'gql/': { preset: 'client', presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256', mode } } },
      },
      silent: true,
    },
    false,
  );
  const contentOf = (name: string): string =>
    files.find(({ filename }: { filename: string }) => filename.endsWith(name))?.content ?? '';
  const [, json = ''] = /MineDocument = (\{.*\}) as unknown/.exec(contentOf('gql/graphql.ts')) ?? [];
  return {
    document: JSON.parse(json) as typeof StorageUpdatedDocument,
    manifest: contentOf('persisted-documents.json'),
  };
}

test.each(['embedHashInDocument', 'replaceDocumentWithHash'] as const)(
  'a document of an app goes by the hash that GraphQL Code Generator gave it (%s)',
  async (mode) => {
    const own = await generateApp(mode);
    const app = await useApp(settings(JSON.parse(own.manifest)));
    const client = useLive(app, { documents: 'hash' });
    const following = followAny(client, own.document, {}, ({ storageUpdated }) => storageUpdated.id);
    expect(await following.next()).toBe('started first');
    await publish(app, 'a');
    expect(await following.next()).toBe('event a');
  },
);
