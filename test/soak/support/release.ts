import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { ROOT } from '../../support/in-process.ts';

const run = promisify(execFile);

/** A version of everything: its server, publisher, client and Django app. */
export interface Release {
  readonly name: 'old' | 'new';
  readonly dist: string;
  readonly publisher: typeof import('../../../src/publisher.ts');
  readonly client: ClientPackage;
  readonly django: typeof import('../../../demo/server/src/django/django-dms.ts');
}

/** What is used here of `dms-live-react`. */
export interface ClientPackage {
  createLiveClient(options: {
    readonly url: string;
    readonly getToken: () => string;
    readonly webSocketImpl: unknown;
    readonly retry?: { readonly firstMs: number; readonly maxMs: number };
  }): FollowingClient;
  readonly RequestUpdatedDocument: unknown;
}

export interface FollowingClient {
  follow(
    document: unknown,
    variables: object,
    follower: {
      event(data: { readonly requestUpdated: { readonly id: string } }): void;
      started(why: 'first' | 'lost'): void;
    },
  ): () => void;
  close(): void;
}

/** This version, as it is built. */
export const newRelease = (): Promise<Release> => load('new', ROOT);

/** The version of a commit, which is built in a folder of its own, or of a folder in which one is built already. */
export async function oldRelease(from: string): Promise<Release> {
  if (existsSync(join(from, 'dist/main.js'))) return load('old', from);
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-release-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await run('sh', ['-c', 'git archive "$1" | tar x -C "$2"', 'sh', from, folder], { cwd: ROOT });
  for (const command of [
    ['ci', '--prefer-offline', '--no-audit', '--no-fund'],
    ['run', '--silent', 'build'],
  ])
    await run('npm', command, { cwd: folder });
  return load('old', folder);
}

async function load(name: Release['name'], folder: string): Promise<Release> {
  const read = (path: string) => import(/* @vite-ignore */ pathToFileURL(join(folder, path)).href);
  return {
    name,
    dist: join(folder, 'dist'),
    publisher: await read('dist/publisher.js'),
    client: await read('client/dist/index.js'),
    django: await read('demo/server/src/django/django-dms.ts'),
  };
}
