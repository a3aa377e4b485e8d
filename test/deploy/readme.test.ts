/** The commands of deploy/README.md name files that exist and settings that the server has. Following them is a person's test. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { DEPLOY, settingNames, textOf } from './support/files.ts';

const commands = [...textOf('README.md').matchAll(/^ {4}.*$/gm)].join('\n');
/** What make-secrets.sh writes between `cat >"$folder/NAME" <<EOF` and `EOF`. */
const [, written = ''] = /dms-live\.env" <<EOF\n([\s\S]*?)^EOF$/m.exec(textOf('make-secrets.sh')) ?? [];

test('the files that it copies, and the scripts that it runs, exist', () => {
  const paths = [...commands.matchAll(/(?<![\w/])deploy\/([\w@./-]+)/g)].map(([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(8);
  expect(paths.filter((path) => !existsSync(join(DEPLOY, path)))).toEqual([]);
});

test('the settings that it writes are settings of the server', () => {
  const own = [...commands.matchAll(/([A-Z_]+)=\d+\\n/g)].map(([, name = '']) => name);
  const names = [...Object.keys(parseEnv(written)), ...own];
  expect(names).toEqual(expect.arrayContaining(['REDIS_URL', 'TRUSTED_PROXIES', 'PORT', 'METRICS_PORT']));
  expect(names.filter((name) => !settingNames().has(name))).toEqual([]);
});

test('each server has a security log of its own, where its unit may write and logrotate looks', () => {
  const files = [...commands.matchAll(/SECURITY_LOG=(\S+?)\\n/g)].map(([, file = '']) => file);
  expect(new Set(files).size).toBe(2);
  const [, folder = '', ending = ''] = /^(\/\S+\/)\*(\.\w+) \{$/m.exec(textOf('logrotate/dms-live')) ?? [];
  expect(files.filter((file) => !file.startsWith(folder) || !file.endsWith(ending))).toEqual([]);
  for (const unit of ['dms-live.service', 'dms-live@.service'])
    expect(textOf(`systemd/${unit}`)).toContain(`LogsDirectory=${folder.slice('/var/log/'.length, -1)}\n`);
});

test('the file of passwords that it writes is for its owner alone', () => {
  const written = commands.split('\n').filter((line) => />\.env\b/.test(line));
  expect(written).toEqual([expect.stringMatching(/^ {4}\(umask 077; .*\)$/)]);
});

test('systemd gives a server the time to stop that its setting says', () => {
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(textOf('systemd/dms-live@.service')) ?? [];
  expect(Number(seconds)).toBeGreaterThan(Number(parseEnv(written)['SHUTDOWN_SECONDS']));
});

test('systemd starts a service again however often it has failed', () => {
  const services = readdirSync(join(DEPLOY, 'systemd')).filter((name) => name.endsWith('.service'));
  const restarted = services.filter((name) => /^Restart=/m.test(textOf(`systemd/${name}`)));
  expect(restarted).toContain('dms-live.service');
  expect(restarted.filter((name) => !/^StartLimitIntervalSec=0$/m.test(textOf(`systemd/${name}`)))).toEqual(
    [],
  );
});

test('a process among several has the unit of a single one, and settings of its own', () => {
  const directives = (text: string) => text.split('\n').filter((line) => /^[A-Z[]/.test(line));
  const ofOne = directives(textOf('systemd/dms-live.service'));
  const ofSeveral = directives(textOf('systemd/dms-live@.service'));
  expect(ofSeveral.filter((line) => !ofOne.includes(line))).toEqual([
    'Description=dms-live: live GraphQL subscriptions, fed by Redis (process %i)',
    'EnvironmentFile=/etc/dms-live/%i.env',
    'SyslogIdentifier=dms-live-%i',
  ]);
  expect(ofOne.filter((line) => !ofSeveral.includes(line))).toHaveLength(2);
});
