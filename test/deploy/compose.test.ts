/** deploy/compose.yaml is what the Compose Specification says, and fits the files that it mounts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { DEPLOY, settingNames, textOf, yamlOf } from './support/files.ts';
import { composeFile } from './support/schemas.ts';

const [document] = yamlOf('compose.yaml');
const compose = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        environment: z.record(z.string(), z.string()).default({}),
        volumes: z.array(z.string()).default([]),
        networks: z.object({ default: z.object({ ipv4_address: z.string() }) }).optional(),
        stop_grace_period: z.string().optional(),
        read_only: z.boolean().default(false),
        user: z.string().optional(),
      }),
    ),
  })
  .parse(document);
const { services } = compose;
const live = ['dms-live-1', 'dms-live-2'].map((name) => services[name]);

test('it follows the Compose Specification', () => {
  expect(composeFile.safeParse(document).error?.issues).toBeUndefined();
  expect(composeFile.safeParse({ services: { one: { imge: 'a' } } }).success).toBe(false);
});

test('two servers have only settings that exist, and are killed only after they had time to stop', () => {
  for (const service of live) {
    const { environment = {}, stop_grace_period } = service ?? {};
    expect(Object.keys(environment).filter((name) => !settingNames().has(name))).toEqual([]);
    expect(Number.parseInt(stop_grace_period ?? '', 10)).toBeGreaterThan(
      Number(environment['SHUTDOWN_SECONDS']),
    );
    expect(environment['TRUSTED_PROXIES']).toBe(services['nginx']?.networks?.default.ipv4_address);
    expect(service?.read_only).toBe(true);
  }
});

test('Django’s figures can be written, whatever user its image has', () => {
  expect(services['figures']?.volumes).toEqual(['figures:/figures']);
  expect(services['figures']?.user).toBe('root');
});

test('nginx asks the containers, and else has the same configuration as on one machine', () => {
  const addresses = [...live, services['dms']].map((service) => service?.networks?.default.ipv4_address);
  const upstreams = textOf('nginx/compose-upstreams.conf');
  const onOneMachine = textOf('nginx/dms-upstreams.conf');
  const directives = (text: string): string =>
    text.replace(/^# Where .*$/m, '').replace(/ [\d.]+:\d+/g, ' ADDRESS');
  expect([...upstreams.matchAll(/server ([\d.]+):/g)].map(([, address]) => address)).toEqual(addresses);
  expect(directives(upstreams)).toBe(directives(onOneMachine));
});

test('the files that it mounts exist, and the variables that it needs are made', () => {
  const mounted = Object.values(services).flatMap(({ volumes }) =>
    volumes.map((volume) => volume.split(':')[0]),
  );
  const own = mounted.filter((path) => path?.startsWith('./'));
  expect(own.length).toBeGreaterThan(3);
  expect(own.filter((path) => !existsSync(join(DEPLOY, path ?? '')))).toEqual([]);
  const made = readFileSync(join(DEPLOY, 'make-secrets.sh'), 'utf8');
  const example = textOf('.env.example');
  const needed = [...textOf('compose.yaml').matchAll(/\$\{(\w+)(:\?|:-)?/g)];
  expect(needed.length).toBeGreaterThan(5);
  for (const [, name = '', kind] of needed) {
    expect(example).toMatch(new RegExp(`^#? ?${name}=`, 'm'));
    if (kind === ':?' && name !== 'DMS_IMAGE') expect(made).toContain(`${name}=`);
  }
});
