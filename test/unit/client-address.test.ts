/** The address of a client: the peer, or the address that a trusted proxy reports. A client cannot choose its own address. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { type ClientAddresses, createClientAddresses } from '../../src/transport/client-address.ts';
import { createLogLines } from '../support/log-lines.ts';

const KEY = { JWT_SECRET: 'a secret for tests, long enough for HS256' };

function addresses(
  trusted = '10.0.0.0/8,2001:db8:ffff::/48',
): ClientAddresses & { lines: readonly string[] } {
  const { log, lines } = createLogLines();
  const { proxies } = readConfig({ ...KEY, TRUSTED_PROXIES: trusted }, { needsRedis: false });
  return { ...createClientAddresses(proxies, log), lines };
}

const PROXY = '10.0.0.1';

describe('behind a trusted proxy', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7', '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7, 10.0.0.2, 10.9.9.9', '203.0.113.7'],
    ['203.0.113.7,10.0.0.2', '203.0.113.7'],
    [' 203.0.113.7 ,, ', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['2001:db8::7, 2001:db8:ffff::1', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['10.0.0.9', '10.0.0.9'], // all are trusted: the farthest counts
    ['6.6.6.6, nonsense', PROXY],
    ['6.6.6.6, nonsense, 10.0.0.2', '10.0.0.2'],
    ['6.6.6.6, unknown', PROXY],
    ['6.6.6.6, 203.0.113.07', PROXY],
    ['6.6.6.6, 203.0.113.7:99999999', PROXY],
    ['6.6.6.6, [203.0.113.7', PROXY],
    ['', PROXY],
    [', ,', PROXY],
  ])('X-Forwarded-For: %s', (header, client) => {
    expect(addresses().ofRequest(PROXY, { 'x-forwarded-for': header }).text).toBe(client);
  });

  test.each([
    ['for=203.0.113.7', '203.0.113.7'],
    ['For="203.0.113.7:4711"', '203.0.113.7'],
    ['FOR = 1', PROXY],
    ['for="[2001:db8::1]:4711"', '2001:db8::1'],
    ['for="[2001:db8::1]:_port"', '2001:db8::1'],
    ['proto=https;for=203.0.113.7;by=10.0.0.1', '203.0.113.7'],
    ['proto=https; for=203.0.113.7 ;host="a,b;c"', '203.0.113.7'],
    ['for=6.6.6.6, for=203.0.113.7', '203.0.113.7'],
    ['for=6.6.6.6,for=203.0.113.7;proto=http, for="10.0.0.2"', '203.0.113.7'],
    ['for="203.0.113.\\7"', '203.0.113.7'],
    ['for=6.6.6.6, for=unknown', PROXY],
    ['for=6.6.6.6, for=_hidden', PROXY],
    ['for=6.6.6.6, for="_hidden:80"', PROXY],
    ['for=6.6.6.6, proto=https', PROXY],
    ['for=6.6.6.6, for=1.2.3.4;for=2.3.4.5', PROXY],
    ['for=6.6.6.6, for=1.2.3.4;;', PROXY],
    ['for=6.6.6.6, "for"=1.2.3.4', PROXY],
    ['nonsense', PROXY],
    ['for="6.6.6.6, for=203.0.113.7', '203.0.113.7'], // a quote that the client opened does not hide the proxy's entry
    ['for=", for="[2001:db8::1]"', '2001:db8::1'],
    ['for="\\", for="[2001:db8::1]"', '2001:db8::1'],
  ])('Forwarded: %s', (header, client) => {
    expect(addresses().ofRequest(PROXY, { forwarded: header }).text).toBe(client);
  });

  test('a client counts at the address that the proxy saw, whatever the client writes', () => {
    const junk = fc.string({
      unit: fc.constantFrom(...'for=";\\, 1234567890.:[]_abcdef%', 'for=', '10.0.0.2', ', '),
      maxLength: 60,
    });
    const found = addresses();
    fc.assert(
      fc.property(junk, fc.constantFrom('203.0.113.7', '2001:db8::7'), (written, real) => {
        const joined = `${written}, `;
        expect(found.ofRequest(PROXY, { 'x-forwarded-for': joined + real }).text).toBe(real);
        const node = real.includes(':') ? `"[${real}]"` : real;
        expect(found.ofRequest(PROXY, { forwarded: `${joined}for=${node};proto=https` }).text).toBe(real);
      }),
      { numRuns: 2000 },
    );
  });

  test('the header that the proxy does not set is ignored, with one warning', () => {
    const found = addresses();
    for (const _time of [1, 2])
      expect(
        found.ofRequest(PROXY, { forwarded: 'for=6.6.6.6', 'x-forwarded-for': '203.0.113.7' }).text,
      ).toBe(PROXY);
    expect(found.lines).toHaveLength(1);
    const both = { forwarded: 'for=203.0.113.7', 'x-forwarded-for': '203.0.113.7' };
    expect(found.ofRequest(PROXY, both).text).toBe('203.0.113.7');
  });

  test('without a header the peer is the client', () => {
    expect(addresses().ofRequest(PROXY, {}).text).toBe(PROXY);
  });

  test('its connections count for no address until a request names the client', () => {
    expect(addresses().ofPeer(PROXY)).toBeUndefined();
    expect(addresses().ofPeer('::ffff:10.0.0.1')).toBeUndefined();
    expect(addresses().ofPeer('203.0.113.7')?.text).toBe('203.0.113.7');
  });
});

describe('counted by', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['2001:db8:1::', '2001:db8:1:0::/64'],
    ['::2', '0:0:0:0::/64'],
  ])('%s: %s', (peer, key) => {
    expect(addresses('none').ofRequest(peer, {}).key).toBe(key);
  });
});

test('the headers of an untrusted peer are ignored, with one warning', () => {
  const found = addresses();
  for (const header of ['1.1.1.1', '2.2.2.2'])
    expect(found.ofRequest('203.0.113.7', { 'x-forwarded-for': header }).text).toBe('203.0.113.7');
  expect(found.lines).toHaveLength(1);
  expect(found.lines[0]).toContain('TRUSTED_PROXIES');
});

describe('the loopback', () => {
  test.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])(
    '%s may be a proxy that is missing in the settings: it is not limited, with one warning',
    (peer) => {
      const found = addresses();
      for (const header of ['1.1.1.1', '2.2.2.2'])
        expect(found.ofRequest(peer, { 'x-forwarded-for': header }).key).toBeUndefined();
      expect(found.ofPeer(peer)).toBeUndefined();
      expect(found.lines).toHaveLength(1);
      expect(found.lines[0]).toContain('TRUSTED_PROXIES=127.0.0.1');
    },
  );

  test('is a proxy if it is listed, and a client if there are no proxies', () => {
    const named = addresses('127.0.0.0/8,::1');
    expect(named.ofRequest('127.0.0.1', { 'x-forwarded-for': '203.0.113.7' }).key).toBe('203.0.113.7');
    const without = addresses('none');
    expect(without.ofRequest('127.0.0.1', { 'x-forwarded-for': '203.0.113.7' }).key).toBe('127.0.0.1');
    expect(without.ofPeer('127.0.0.1')?.key).toBe('127.0.0.1');
  });
});
