/** The units of systemd are valid and hardened, and give a server the time that it needs to stop. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAll } from '../../src/config/config.ts';
import { createReader } from '../../src/config/reader.ts';
import { ROOT } from '../support/in-process.ts';

const FOLDER = join(ROOT, 'deploy/systemd');
const NAMES = readdirSync(FOLDER);
/** It runs to its end, whenever its timer starts it. All others run always. */
const BY_TIMER = 'dms-verify.service';
const SERVICES = NAMES.filter((name) => name.endsWith('.service') && name !== BY_TIMER);
/** From these, everything is taken that they can do without. The DMS itself belongs to others. */
const HARDENED = ['dms-live.service', 'dms-live@.service', 'dms-relay.service', BY_TIMER];

interface Line {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** The settings of a unit: `key=value` below `[section]`; comments are lines of their own. */
function linesOf(name: string): readonly Line[] {
  let section = '';
  return readFileSync(join(FOLDER, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const [, header] = /^\[(\w+)\]$/.exec(line) ?? [];
      if (header !== undefined) section = header;
      const [, key, value] = /^([A-Z]\w+)=(.*)$/.exec(line) ?? [];
      if (header === undefined && key === undefined) throw new Error(`${name}: ${line}`);
      return key === undefined ? [] : [{ section, key, value: value ?? '' }];
    });
}

const valuesOf = (name: string, wanted: string): readonly string[] =>
  linesOf(name)
    .filter(({ section, key }) => section === 'Service' && key === wanted)
    .map(({ value }) => value);

test.each(SERVICES)(
  '%s has its three sections, a user, settings by file, and comes back when it fails',
  (name) => {
    expect([...new Set(linesOf(name).map(({ section }) => section))]).toEqual(['Unit', 'Service', 'Install']);
    expect(valuesOf(name, 'User')).not.toContain('root');
    expect(valuesOf(name, 'User')).toHaveLength(1);
    expect(valuesOf(name, 'EnvironmentFile')[0]).toMatch(/^\/etc\//);
    expect(valuesOf(name, 'Restart')).toEqual(['always']);
  },
);

test('what a timer starts runs once, as the user of the DMS, and its timer is the one that is enabled', () => {
  expect([...new Set(linesOf(BY_TIMER).map(({ section }) => section))]).toEqual(['Unit', 'Service']);
  expect(valuesOf(BY_TIMER, 'Type')).toEqual(['oneshot']);
  expect(valuesOf(BY_TIMER, 'User')).toEqual(valuesOf('dms-relay.service', 'User'));
  const timer = BY_TIMER.replace('.service', '.timer');
  expect(NAMES).toEqual(expect.arrayContaining([BY_TIMER, timer]));
  expect([...new Set(linesOf(timer).map(({ section }) => section))]).toEqual(['Unit', 'Timer', 'Install']);
  expect(NAMES).toHaveLength(SERVICES.length + 2);
});

describe.each(HARDENED)('%s', (name) => {
  test.each([
    'NoNewPrivileges',
    'PrivateTmp',
    'PrivateDevices',
    'PrivateUsers',
    'ProtectHome',
    'ProtectKernelTunables',
    'ProtectKernelModules',
    'ProtectControlGroups',
    'RestrictNamespaces',
    'RestrictSUIDSGID',
    'LockPersonality',
  ])('%s', (key) => {
    expect(valuesOf(name, key)).toEqual(['true']);
  });

  test('has no rights of root and writes no file, and its programs may compile themselves', () => {
    expect(valuesOf(name, 'CapabilityBoundingSet')).toEqual(['']);
    expect(valuesOf(name, 'ProtectSystem')).toEqual(['strict']);
    expect(valuesOf(name, 'MemoryDenyWriteExecute')).toEqual([]);
  });
});

test.each(['dms-live.service', 'dms-live@.service'])(
  '%s waits longer than the server takes to stop',
  (name) => {
    const { shutdownSeconds } = readAll(createReader({}, []), false);
    const [seconds] = valuesOf(name, 'TimeoutStopSec');
    expect(Number(seconds)).toBeGreaterThan(2 * shutdownSeconds);
  },
);
