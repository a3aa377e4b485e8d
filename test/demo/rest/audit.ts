/** The audit trail for an auditor: what is found, and the file that is exported. */
import { expect, test } from 'vitest';
import type { Data } from '../../support/clients.ts';
import { type Visitor, visit } from '../../support/demo.ts';
import type { Dms } from '../support/dms.ts';
import { idOf, listOf, newCrate, newPlace, SHELF, storedCrate, unitOf } from '../support/rows.ts';

export function testAudit(dms: Dms): void {
  test('entries are filtered by user, action, object type and unit, and `count` is of all that fit', async () => {
    const [amara, leila, peter] = await visitAll(dms, 'amara', 'leila', 'peter');
    await storedCrate(leila, peter);
    const all = await listOf(amara, '/audit/');
    const [newest] = all;
    if (newest === undefined) throw new Error('nothing was written');
    const { action, object_type: type, user } = newest;
    const filters: [string, (row: Data) => boolean][] = [
      [`user=${user.id}`, (row) => row['user']?.id === user.id],
      [`action=${action}`, (row) => row['action'] === action],
      [`type=${type}`, (row) => row['object_type'] === type],
      [
        `unit=1&type=${type}&user=${user.id}`,
        (row) => row['object_type'] === type && row['user']?.id === user.id,
      ],
      ['unit=1', (row) => unitOf(row) === '1'],
      ['user=&action=&type=&search=&from=&until=', () => true],
    ];
    for (const [query, fits] of filters) {
      const { body } = await amara.get(`/audit/?${query}`);
      const expected = all.filter(fits).map(idOf);
      expect(body['results'].map(idOf).slice(0, expected.length), query).toEqual(expected);
      expect(body['results'].every(fits), query).toBe(true);
      expect(body['count'], query).toBeGreaterThanOrEqual(expected.length);
    }
    expect(await listOf(amara, '/audit/?type=Nothing')).toEqual([]);
    expect((await listOf(amara, '/audit/?user=system')).filter((row) => row['user'] !== null)).toEqual([]);
  });

  test('a search finds all its words, in the object, the person and the changes', async () => {
    const [amara, peter] = await visitAll(dms, 'amara', 'peter');
    const place = await newPlace(peter);
    await peter.put(`/storage/${place['id']}/`, { room_name: 'Été 100%' });
    const found = async (words: string): Promise<unknown[]> =>
      (await listOf(amara, `/audit/?type=Storage&search=${encodeURIComponent(words)}`)).map((row) => [
        String(row['object_id']),
        row['action'].toLowerCase(),
      ]);
    const updated = [idOf(place), 'storage updated'];
    expect(await found(`STORAGE ${idOf(place)} osei`)).toEqual([updated, [idOf(place), 'storage created']]);
    expect(await found(`cellar été ${idOf(place)}`)).toEqual([updated]);
    expect(await found(`100% ${idOf(place)}`)).toEqual([updated]);
    expect(await found(`${idOf(place)} nothing-like-this`)).toEqual([]);
  });

  test('a period is between two instants, whatever their time zones, and nothing ambiguous is accepted', async () => {
    const [amara, peter] = await visitAll(dms, 'amara', 'peter');
    for (let made = 0; made < 3; made++) await newPlace(peter);
    const all = await listOf(amara, '/audit/');
    const at = (row: Data | undefined): number => Date.parse(row?.['at']);
    const ids = async (query: Record<string, string>): Promise<string[]> =>
      (await listOf(amara, `/audit/?${new URLSearchParams(query)}`)).map(idOf);
    const middle = all.find((row) => at(row) < at(all[0])) ?? {};
    const [before, since] = [
      all.filter((row) => at(row) < at(middle)),
      all.filter((row) => at(row) >= at(middle)),
    ];
    // The same instant in India. Some DMSs keep more digits of a second than JavaScript does.
    const shifted = new Date(at(middle) + 5.5 * 3_600_000).toISOString();
    const instant = String(middle['at'])
      .replace(/^[^.Z+]*/, shifted.slice(0, 19))
      .replace(/(Z|\+.*)$/, '+05:30');
    expect(await ids({ from: instant })).toEqual(since.map(idOf));
    expect((await ids({ until: instant })).slice(0, before.length)).toEqual(before.map(idOf));
    expect(await ids({ from: instant, until: instant })).toEqual([]);
    for (const written of ['2026-11-26', '2026-11-26T10:00:00', 'yesterday', '2026-02-31T00:00:00Z']) {
      const { status, body } = await amara.get(`/audit/?from=${written}`);
      expect([status, body['detail']], written).toEqual([400, expect.stringMatching(/^from: .*time zone/)]);
    }
  });

  test('older entries follow the last one that is known', async () => {
    const [amara, peter] = await visitAll(dms, 'amara', 'peter');
    for (let made = 0; made < 3; made++) await newPlace(peter);
    const { body: first } = await amara.get('/audit/?unit=1');
    const [, second] = first['results'];
    const { body: older } = await amara.get(`/audit/?unit=1&before=${second.id}`);
    expect(older['count']).toBe(first['count']);
    expect(older['results'].slice(0, 5)).toEqual(first['results'].slice(2, 7));
  });

  test('an entry says whether its object is still there, and its changes have names instead of ids', async () => {
    const [amara, leila, peter] = await visitAll(dms, 'amara', 'leila', 'peter');
    const place = await newPlace(peter);
    const entry = async (): Promise<Data> => {
      const [row] = await listOf(amara, `/audit/?search=storage%20${idOf(place)}&action=`);
      const { body } = await amara.get(`/audit/${row?.['id']}/`);
      expect(body).toEqual({ ...row, object_exists: expect.any(Boolean) });
      return body;
    };
    expect((await entry())['object_exists']).toBe(true);
    await peter.remove(`/storage/${place['id']}/`);
    expect((await entry())['object_exists']).toBe(false);
    expect((await amara.get('/audit/999999/')).status).toBe(404);

    const crate = await storedCrate(leila, peter);
    const [relocated] = await listOf(amara, `/audit/?search=crate%20${idOf(crate)}`);
    expect(relocated?.['changes']).toEqual({
      storage: [null, expect.stringMatching(/^Cellar . R . C . S$/)],
    });
  });

  test('the filters offer what the trail has', async () => {
    const [amara, leila] = await visitAll(dms, 'amara', 'leila');
    await newCrate(leila);
    const { body } = await amara.get('/audit/choices/?unit=1');
    expect(body['users'].map(({ name }: Data) => name)).toContain('Leila Haddad');
    expect(body['users'].map(({ name }: Data) => name)).not.toContain('Ravi Menon');
    expect(body['object_types']).toContain('Crate');
    const { body: none } = await amara.get('/audit/choices/?unit=3');
    expect(none['users'].map(({ name }: Data) => name)).not.toContain('Leila Haddad');
    for (const words of [body['actions'], body['object_types']])
      expect(words).toEqual([...new Set(words)].toSorted());
  });

  test('an export has all that the filters say, opens as a table, and is itself in the trail', async () => {
    const [amara, peter] = await visitAll(dms, 'amara', 'peter');
    const place = await newPlace(peter);
    await peter.put(`/storage/${place['id']}/`, { room_name: 'Attic, "north"', rack_name: 'OLD' });
    const { count } = (await amara.get('/audit/?unit=1')).body as { count: number };
    const file = await exportTrail(dms, amara, { unit: '1', from: '2020-01-31T00:00:00+01:00' });
    expect(file.type).toBe('text/csv; charset=utf-8');
    expect(file.name).toMatch(/^audit-trail_\d{4}-\d\d-\d\d_unit-1_from-2020-01-31\.csv$/);
    expect([...file.bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(file.lines.slice(0, 12)).toEqual([
      '"Audit trail","Records"',
      expect.stringMatching(
        /^"Exported","\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC by Amara Okafor, System Admin"$/,
      ),
      '"Unit","Unit 1 · Finance"',
      '"From","2020-01-31 00:00:00 +01:00"',
      '"Until","the last entry"',
      '"Who","everybody"',
      '"Action","all"',
      '"Object type","all"',
      '"Search","none"',
      `"Entries","${count}"`,
      '',
      '"Entry","Time (UTC)","Who","Role","User ID","Action","Object type","Object ID","Changes","IP address","Unit"',
    ]);
    expect(file.lines.slice(12)).toHaveLength(count);
    const [updated] = await listOf(amara, `/audit/?search=${idOf(place)}%20attic`);
    const time = new Date(updated?.['at']).toISOString().slice(0, 19).replace('T', ' ');
    expect(file.lines[12]).toBe(
      `"${updated?.['id']}","${time}","Peter Osei","Store Head","104","${updated?.['action']}","Storage",` +
        `"${idOf(place)}","room name: Cellar → Attic, ""north""; rack name: R → OLD","${updated?.['ip_address']}","1"`,
    );

    const [exported, ...others] = await listOf(amara, '/audit/');
    expect(others[0]).toEqual(updated); // one entry, in the trail of the unit
    expect(exported).toMatchObject({ object_type: 'Unit', user: { name: 'Amara Okafor' } });
    expect(exported?.['action'].toLowerCase()).toBe('audit trail exported');
    expect([unitOf(exported ?? {}), exported?.['changes'].entries]).toEqual(['1', count]);
    await exportTrail(dms, amara, {});
    expect((await listOf(amara, '/audit/')).slice(0, 3).map(unitOf).toSorted()).toEqual(['1', '2', '3']);
  });

  test('no text in an exported file is a formula', async () => {
    const [amara, peter] = await visitAll(dms, 'amara', 'peter');
    await peter.post('/storage/', { ...SHELF, room_name: '=1+1' });
    for (const search of ['=cmd|calc', '+none', '-none', '@SUM(1)', '＝1+1', '\u200b=1+1', '\u0080=1+1']) {
      const { lines, name } = await exportTrail(dms, amara, { search });
      expect(lines.slice(8, 10)).toEqual([`"Search","'${search}"`, '"Entries","0"']);
      expect(name).toMatch(/^[a-z0-9_-]+\.csv$/);
    }
    const unfit = await amara.post('/audit/export/', { from: '2026-11-26' });
    expect(unfit.status).toBe(400);
  });
}

async function visitAll<Names extends readonly string[]>(
  dms: Dms,
  ...names: Names
): Promise<{ [Index in keyof Names]: Visitor }> {
  const visitors = await Promise.all(names.map((name) => visit(dms, name)));
  return visitors as { [Index in keyof Names]: Visitor };
}

async function exportTrail({ app }: Dms, { access }: Visitor, filters: Record<string, string>) {
  const response = await fetch(`${app.url}/api/audit/export/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${access}` },
    body: JSON.stringify(filters),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-length')).toBe(null); // written piece by piece
  const bytes = new Uint8Array(await response.arrayBuffer());
  const [, name] = /filename="(.*)"/.exec(response.headers.get('content-disposition') ?? '') ?? [];
  const lines = new TextDecoder().decode(bytes).split('\r\n');
  expect(lines.pop()).toBe('');
  return { bytes, lines, name, type: response.headers.get('content-type') };
}
