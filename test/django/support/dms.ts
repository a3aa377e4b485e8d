import { rmSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, onTestFinished } from 'vitest';
import type { Child } from '../../../demo/server/src/django/child.ts';
import { createDjangoDms, type DjangoDms } from '../../../demo/server/src/django/django-dms.ts';
import { preparePython } from '../../../demo/server/src/django/python.ts';
import { SECRET } from '../../support/tokens.ts';

/** The DMS of the running test, with its own filled database. */
export interface TestDms {
  /** The URL of its API, once `serve()` has resolved. */
  readonly url: string;
  /** Runs one of its commands. Throws if the command fails. */
  manage(...args: readonly string[]): Promise<string>;
  serve(): Promise<Child>;
  relay(): Promise<Child>;
  /** Returns rows of its database. A separate process reads them. */
  select(query: string): Promise<unknown[][]>;
}

const NOWHERE = 'redis://127.0.0.1:1';
const QUICK = { DJANGO_SETTINGS_MODULE: 'config.quick_settings' };

const sqlite = (file: string): string => `sqlite:///${file}`;

/** A filled database: each DMS starts with a copy of it. All test files of a worker share it. */
let stock: Promise<{ readonly python: string; readonly file: string }> | undefined;

function useStock() {
  stock ??= preparePython().then(async (python) => ({ python, file: await stockFile(python) }));
  return stock;
}

// A worker evaluates this module once, so only its first file waits here, with patience: Python's packages may be on their way.
beforeAll(useStock, 300_000);

async function stockFile(python: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-django-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'stocked.sqlite3');
  await stockDatabase(python, sqlite(file));
  return file;
}

/** Creates the tables, and fills them. */
async function stockDatabase(python: string, databaseUrl: string): Promise<void> {
  const dms = createDjangoDms({ python, redisUrl: NOWHERE, databaseUrl, secret: SECRET, settings: QUICK });
  await succeed(dms, 'migrate', '--verbosity', '0');
  await succeed(dms, 'seed');
}

export interface DmsOptions {
  /** As environment variables. */
  readonly settings?: Record<string, string>;
  /** An empty database to use instead of a file. */
  readonly databaseUrl?: string;
}

/** Creates a DMS for the running test. `serve()` starts its API. */
export async function useDms(redisUrl: string, options?: DmsOptions): Promise<TestDms> {
  const { dms, close } = await makeDms(redisUrl, options);
  onTestFinished(close);
  return dms;
}

/** Creates a DMS that stays until it is closed. */
export async function makeDms(
  redisUrl: string,
  { settings = {}, databaseUrl }: DmsOptions = {},
): Promise<{ readonly dms: TestDms; close(): Promise<void> }> {
  const { python, file: stocked } = await useStock();
  if (databaseUrl !== undefined) await stockDatabase(python, databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-django-'));
  const file = join(folder, 'dms.sqlite3');
  await copyFile(stocked, file);
  const django = createDjangoDms({
    python,
    redisUrl,
    databaseUrl: databaseUrl ?? sqlite(file),
    secret: SECRET,
    settings: { ...QUICK, ...settings },
  });
  let url = '';
  const children: Child[] = [];

  async function use(starting: Promise<Child>): Promise<Child> {
    const child = await starting;
    children.push(child);
    return child;
  }

  async function close(): Promise<void> {
    await Promise.all(children.map((child) => child.kill()));
    await rm(folder, { recursive: true, force: true });
  }

  const dms: TestDms = {
    get url() {
      return url;
    },
    manage: (...args) => succeed(django, ...args),
    async serve() {
      const child = await use(django.serve());
      url = child.said[1] ?? '';
      return child;
    },
    relay: () => use(django.relay()),
    async select(query) {
      const rows: unknown = JSON.parse(await succeed(django, 'shell', '-c', selecting(query)));
      if (!Array.isArray(rows)) throw new TypeError('no rows');
      return rows;
    },
  };
  return { dms, close };
}

async function succeed(dms: DjangoDms, ...args: readonly string[]): Promise<string> {
  const { code, output, errors } = await dms.manage(...args);
  if (code !== 0) throw new Error(`manage.py ${args.join(' ')} failed:\n${output}${errors}`);
  return output;
}

function selecting(query: string): string {
  return `
import json
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute(${JSON.stringify(query)})
    print(json.dumps(cursor.fetchall()))`;
}
