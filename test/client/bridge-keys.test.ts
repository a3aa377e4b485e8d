/** Which queries an event concerns, by the DMS's query keys or an app's own. */
import { describe, expect, test, vi } from 'vitest';
import { isBefore, isNotBefore, type LiveFilters } from '../../client/src/query/filters.ts';
import { fitOf, fitsUnit } from '../../client/src/query/fit.ts';
import type { KeyMatch } from '../../client/src/query/kind.ts';
import { createKeyReader } from '../../client/src/query/query-keys.ts';
import { sample } from './support/sample.ts';

const readDms = createKeyReader({});

function only(matches: readonly KeyMatch[]): KeyMatch {
  const [match, ...others] = matches;
  if (match === undefined || others.length > 0) throw new Error(`${matches.length} matches`);
  return match;
}

test.each([
  [
    ['requests', 'Storage', 'Pending', 5],
    'requests',
    { requestType: 'Storage', status: 'Pending', unitId: 5 },
  ],
  [['requests', 'all', '', null], 'requests', {}],
  [['requests'], 'requests', {}],
  [['requests', undefined, ['Pending', 'Approved']], 'requests', { status: ['Pending', 'Approved'] }],
  [['request', '4821'], 'request', { id: '4821' }],
  [['crates', 'Active', '5'], 'crates', { status: 'Active', unitId: '5' }],
  [['storage', 5], 'storage', { unitId: 5 }],
  [['dashboard'], 'dashboard', {}],
])('%j is a key of the DMS', (key, name, filters) => {
  expect(only(readDms(key))).toEqual({ name, filters, hasMore: false });
});

test.each([[['users']], [[]], [[{ requests: true }]]])('%j is no key of the DMS', (key) => {
  expect(readDms(key)).toEqual([]);
});

test.each([
  ['a search', ['requests', 'all', 'all', 5, 'contract'], true],
  ['an object with a search', ['requests', 'all', 'all', 5, { search: 'contract' }], true],
  ['no search', ['requests', 'all', 'all', 5, ''], false],
  ['a page', ['requests', 'all', 'all', 5, 2], false],
  ['an object without a search', ['requests', 'all', 'all', 5, { search: '', page: 2 }], false],
])('%s at the end of a key is recognized', (_name, key, hasMore) => {
  expect(only(readDms(key)).hasMore).toBe(hasMore);
});

describe('an app’s own keys', () => {
  const read = createKeyReader({
    crates: 'boxes',
    request: ['api', 'request', { id: ':id' }],
    requests: [
      ['list', { status: ':status', unit: ':unitId', page: ':page' }],
      ['reports', 'per-month'],
    ],
  });

  test('are found by their first element', () => {
    expect(only(read(['boxes', 'Active', 5]))).toMatchObject({
      name: 'crates',
      filters: { status: 'Active' },
    });
    expect(read(['crates', 'Active', 5])).toEqual([]);
  });

  test('are found by a template, with objects', () => {
    expect(only(read(['api', 'request', { id: 7 }]))).toMatchObject({ name: 'request', filters: { id: 7 } });
    expect(only(read(['list', { status: 'Pending', page: 'first' }]))).toEqual({
      name: 'requests',
      filters: { status: 'Pending', page: 'first' },
      hasMore: false,
    });
    expect(only(read(['list', { search: 'contract' }]))).toMatchObject({ filters: {}, hasMore: true });
    expect(read(['api', 'user', { id: 7 }])).toEqual([]);
  });

  test('are found by several templates', () => {
    expect(only(read(['reports', 'per-month', 2026]))).toMatchObject({ name: 'requests' });
  });
});

describe('an entity', () => {
  const request = sample.request({ requestType: 'STORAGE', status: 'SENT_BACK', unitId: '5' });

  test.each([
    [['requests', 'Storage', 'Sent Back', 5], 'in'],
    [['requests', 'storage', 'sent-back', '5'], 'in'],
    [['requests', 'STORAGE', 'SENT_BACK', '5'], 'in'],
    [['requests', 'all', ['Pending', 'Sent Back'], 5], 'in'],
    [['requests', 'all', 'Pending', 5], 'out'],
    [['requests', 'Withdrawal', 'Sent Back', 5], 'out'],
    [['requests', 'all', ['Pending', 'Approved']], 'out'],
    [['requests', 'all', 'all', 7], 'out'],
    [['requests', 'all', 'open', 5], 'unknown'],
    [['requests', 'all', ['Pending', 'open'], 5], 'unknown'],
    [['requests', 'all', 'all', { id: 5 }], 'unknown'],
    [['requests', 'all', 'all', 5, 'contract'], 'unknown'],
    [['requests', 'all', 'Pending', 5, 'contract'], 'out'],
  ])('fits %j: %s', (key, fit) => {
    expect(fitOf(only(readDms(key)), request)).toBe(fit);
  });

  test('of another unit fits no query of this unit', () => {
    const match = only(readDms(['storage', 5]));
    expect([fitsUnit(match, '5'), fitsUnit(match, '7'), fitsUnit(match, undefined)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(fitsUnit(only(readDms(['storage'])), '7')).toBe(true);
  });
});

describe('an app’s own filters', () => {
  const queryKeys = {
    audit: ['audit', ':unitId', { from: ':from', until: ':until', user: ':user', search: ':search' }],
  };
  const filters: LiveFilters = {
    audit: {
      from: isNotBefore('at'),
      until: isBefore('at'),
      user: ({ user }, asked) => user?.id === asked,
      search: () => undefined,
    },
  };
  const read = createKeyReader(queryKeys, filters);
  const fit = (asked: Record<string, unknown>, entity: Record<string, unknown>, unit?: string) =>
    fitOf(only(read(['audit', unit, asked])), entity);
  const at = (written: unknown) => ({ unitId: '1', at: written, user: { id: '104' } });
  const november = { from: '2026-11-01T00:00:00+01:00', until: '2026-12-01T00:00:00+01:00' };

  test.each([
    ['2026-10-31T22:59:59.999Z', 'out'],
    ['2026-10-31T23:00:00Z', 'in'],
    ['2026-11-30T22:59:59.9999Z', 'in'],
    ['2026-11-30T23:00:00.000Z', 'out'],
    ['2026-11-15T12:00:00-08:00', 'in'],
    ['2026-11-15', 'unknown'],
    ['2026-11-15T12:00:00', 'unknown'],
    ['not at all', 'unknown'],
    [null, 'unknown'],
    [undefined, 'unknown'],
  ])('compare instants with the ends of a period: %j is %s', (written, expected) => {
    expect(fit(november, at(written))).toBe(expected);
  });

  test('compare nothing with a day, which is another period in each time zone', () => {
    expect(fit({ from: '2026-11-01' }, at('2026-11-15T12:00:00Z'))).toBe('unknown');
  });

  test('are joined with each other, and with those of the DMS', () => {
    const entry = at('2026-11-15T12:00:00Z');
    expect(fit({ ...november, user: '104', search: '' }, entry, '1')).toBe('in');
    expect(fit({ user: '105' }, entry)).toBe('out');
    expect(fit({ user: '104' }, entry, '2')).toBe('out');
    expect(fit({ search: 'crate' }, entry)).toBe('unknown');
    expect(fit({ user: '105', search: 'crate' }, entry)).toBe('out');
    expect(fit({ until: '', user: 'all' }, entry)).toBe('in');
    expect(fit({ sort: 'old' }, entry)).toBe('unknown'); // no template has it
  });

  test('that throw make the server judge, and are named once', () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const broken = createKeyReader(queryKeys, { audit: { user: () => expect.unreachable() } });
    for (const user of ['1', '2'])
      expect(fitOf(only(broken(['audit', '1', { user }])), at('2026-11-15T12:00:00Z'))).toBe('unknown');
    expect(logged.mock.calls.map(([words]) => String(words))).toEqual([
      expect.stringContaining('`filters.audit.user` threw'),
    ]);
    logged.mockRestore();
  });
});
