/** The Dockerfile, without building it: `npm run test:image` builds and runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { useApp } from '../support/app.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The instructions, with their continued lines joined. */
const instructions = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => {
    const [, name = '', rest = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    return { name, rest };
  });
const all = (name: string) => instructions.filter((one) => one.name === name).map(({ rest }) => rest);
const argumentsOf = (text = ''): readonly string[] => z.array(z.string()).parse(JSON.parse(text));

test('whatever it copies from the repository exists and is not ignored', () => {
  const kept = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copied = all('COPY')
    .filter((rest) => !rest.startsWith('--from'))
    .flatMap((rest) => rest.split(' ').slice(0, -1));
  expect(copied.length).toBeGreaterThan(8);
  for (const path of copied) {
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(kept.some((entry) => path === entry || path.startsWith(`${entry}/`))).toBe(true);
  }
});

test('it runs the command of the package, as a user with a number, without a shell', () => {
  const { bin } = z.object({ bin: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
  expect(argumentsOf(all('ENTRYPOINT')[0])).toEqual(['node', bin['dms-live']]);
  expect(argumentsOf(all('CMD')[0])).toEqual(['serve']);
  expect(all('USER')).toEqual(['10001:10001']);
  expect(instructions.findLastIndex(({ name }) => name === 'USER')).toBeGreaterThan(
    instructions.findLastIndex(({ name }) => name === 'COPY'),
  );
});

test('its health check asks the port that has the probes', async () => {
  const [, command = ''] = all('HEALTHCHECK')[0]?.split(/ CMD (?=\[)/) ?? [];
  const [, ...args] = argumentsOf(command);
  const health = async (settings: Record<string, string>) => {
    const [code] = await once(spawn(process.execPath, args, { env: settings, stdio: 'ignore' }), 'exit');
    return code;
  };
  const app = await useApp();
  const { port } = new URL(app.url);
  expect(await health({ PORT: port })).toBe(0);
  expect(await health({ PORT: '1', METRICS_PORT: port })).toBe(0);
  expect(await health({ PORT: '1' })).toBe(1);
});
