/** docs/settings.md lists every setting that the server reads, with its default, and no other. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readAll } from '../../src/config/config.ts';
import { createReader, type Default, type Environment } from '../../src/config/reader.ts';

const PAGE = new URL('../../docs/settings.md', import.meta.url);
const ROW = /^\| `([A-Z_]+)` \| (.*?) \|/gm;
/** The text in the tables when a default depends on something else. */
const DEPENDING: Readonly<Record<string, string>> = {
  REDIS_URL: 'needed',
  METRICS_HOST: 'the value of HOST',
  JWT_ALGORITHMS: 'by the key: HS256; RS256 or the curve’s; all public-key ones for JWKS',
};

const documented = new Map(
  [...readFileSync(PAGE, 'utf8').matchAll(ROW)].map(([, name = '', cell = '']) => [
    name,
    cell.replaceAll('`', '').replaceAll("'", '’'),
  ]),
);
/** Every setting that the server asks for, with its default in an environment. */
function readSettings(environment: Environment): ReadonlyMap<string, Default> {
  const read = createReader(environment, []);
  readAll(read, false);
  return read.settings;
}

const ofDevelopment = readSettings({});
const ofProduction = readSettings({ NODE_ENV: 'production' });

function describeDefault(name: string): string {
  const cell = write(ofDevelopment.get(name));
  const inProduction = write(ofProduction.get(name));
  return cell === inProduction ? cell : `${cell}; ${inProduction} with NODE_ENV=production`;
}

function write(value: Default): string {
  const written = Array.isArray(value) ? value.join(', ') : String(value ?? '');
  return written === '' ? 'none' : written;
}

test('the documented settings are the settings that the server reads', () => {
  expect([...ofDevelopment.keys()].length).toBeGreaterThan(50);
  expect([...documented.keys()].toSorted()).toEqual([...ofDevelopment.keys()].toSorted());
});

describe('the documented default is the real default', () => {
  test.each([...ofDevelopment.keys()])('of %s', (name) => {
    expect(documented.get(name)).toBe(DEPENDING[name] ?? describeDefault(name));
  });
});
