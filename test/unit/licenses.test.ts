/** What is installed may be used: every package of the lock file has a license that is on this list. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** The product may be run and sold with these, without asking anybody. A copyleft license would be a decision of its own. */
const OF_WHAT_RUNS = ['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT'];
/** Tools that build and test; nothing of them is in what we ship. */
const OF_TOOLS = [...OF_WHAT_RUNS, 'BlueOak-1.0.0', 'CC-BY-4.0', 'MPL-2.0', 'Python-2.0'];

interface Locked {
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

/** `(MIT OR Apache-2.0)` asks for one of them, `MIT AND ISC` for both (SPDX, annex D). */
function isAllowed(expression: string, list: readonly string[]): boolean {
  return expression
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((license) => list.includes(license)));
}

test('every package has a license that is on the list', () => {
  const lock = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
  const { packages }: { packages: Record<string, Locked> } = JSON.parse(readFileSync(lock, 'utf8'));
  const installed = Object.entries(packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && link !== true,
  );
  expect(installed.length).toBeGreaterThan(100);
  const refused = installed.filter(
    ([, { license = 'none', dev }]) => !isAllowed(license, dev === true ? OF_TOOLS : OF_WHAT_RUNS),
  );
  expect(refused.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});

test('a license is read as SPDX writes it', () => {
  expect(isAllowed('(GPL-3.0-only OR MIT)', OF_WHAT_RUNS)).toBe(true);
  expect(isAllowed('MIT AND GPL-3.0-only', OF_WHAT_RUNS)).toBe(false);
  expect(isAllowed('none', OF_TOOLS)).toBe(false);
});
