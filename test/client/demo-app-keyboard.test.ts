/** The demo app without a mouse: everything can be done, and one always sees where one is. */
import { describe, expect, test } from 'vitest';
import { useChromium } from '../browser/browser.ts';
import { useDemo, visit } from '../support/demo.ts';
import { approve, makeRequest, newPlace, sendBack } from './support/demo-work.ts';
import { keysOf, listen, readCovered, readFocus } from './support/keyboard.ts';
import { type Seat, sit } from './support/seat.ts';

const chromium = useChromium();
/** Goes to the row with this name, from whichever stop before the table. */
async function goToRow(keys: ReturnType<typeof keysOf>, stop: RegExp, name: string): Promise<void> {
  await keys.tabTo(stop);
  let here = (await keys.press('Home')).name;
  for (let moved = 0; here !== name && moved < 30; moved += 1) here = (await keys.press('ArrowDown')).name;
  expect(here).toBe(name);
}

async function openRow({ page }: Seat, keys: ReturnType<typeof keysOf>, id: string): Promise<void> {
  await page.getByRole('region', { name: /Requests|Crates/ }).focus();
  await goToRow(keys, /^\d+$/, id);
  await keys.press('Enter');
  await page.getByRole('dialog', { name: new RegExp(` ${id}$`) }).waitFor();
}

const announcedOf = (announced: readonly string[], words: RegExp): readonly string[] =>
  announced.filter((text) => words.test(text));

describe('Without a mouse', { timeout: 120_000 }, () => {
  test('a request is made, and corrected after it was sent back', async () => {
    const demo = await useDemo();
    const [grace, amara] = [await visit(demo, 'grace'), await visit(demo, 'amara')];
    await newPlace(amara);
    const seat = await sit(chromium, demo.app, 'leila');
    const { page } = seat;
    const keys = keysOf(page);
    const announced = await listen(page);

    await keys.tabTo(/^New request$/);
    await keys.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'New request' });
    await dialog.waitFor();
    expect((await readFocus(page)).name).toBe('What is asked for');
    await keys.type('Storage');
    await keys.tabTo(/^Crate$/);
    await keys.type('A new');
    await keys.tabTo(/^Name$/);
    await keys.type('Leases');
    await keys.tabTo(/^Number$/);
    await keys.type('L-1');
    await keys.tabTo(/^Digital signature$/);
    await keys.type('demo');
    await keys.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect((await readFocus(page)).name).toBe('New request'); // where it was opened
    const said = announcedOf(await announced(), /created$/);
    expect(said).toEqual([expect.stringMatching(/^Request \d+ created$/)]);
    const [id = ''] = /\d+/.exec(said[0] ?? '') ?? [];

    await sendBack(grace, id, 'Which year is it?');
    await seat.toast('was sent back to you').waitFor();
    await openRow(seat, keys, id);
    await keys.tabTo(/^Correct$/);
    await keys.press('Enter');
    const correction = page.getByRole('dialog', { name: `Correct request ${id}` });
    await correction.waitFor();
    await keys.tabTo(/^Digital signature$/);
    await keys.type('demo');
    await keys.tabTo(/^Send again$/);
    await keys.press('Enter');
    await correction.waitFor({ state: 'detached' });
    expect(keys.faults).toEqual([]);
    // Its button is gone after the deed: the focus is in the sheet.
    expect(await page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null)).toBe(true);
    expect(announcedOf(await announced(), /corrected and sent again$/)).toHaveLength(1);
    await keys.press('Escape');
    expect((await readFocus(page)).name).toBe(id);
    expect(keys.faults).toEqual([]);
  });

  test('requests are sent back, approved and rejected, crates relocated, and a refusal is announced', async () => {
    const demo = await useDemo();
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    await newPlace(await visit(demo, 'amara'));
    const ids = [await makeRequest(leila), await makeRequest(leila), await makeRequest(leila)];
    const seat = await sit(chromium, demo.app, 'amara', { mayLog: /status of 4/ });
    const { page } = seat;
    const keys = keysOf(page);
    const announced = await listen(page);
    for (const [index, [button, done]] of Object.entries([
      ['Send back', 'sent back'],
      ['Reject', 'rejected'],
      ['Approve', 'approved'],
    ] as const)) {
      const id = ids[Number(index)] ?? '';
      await openRow(seat, keys, id);
      await keys.tabTo(new RegExp(`^${button}$`));
      await keys.press('Enter');
      const dialog = page.getByRole('dialog', { name: new RegExp(`^${button} request ${id}$`) });
      await dialog.waitFor();
      if (button !== 'Approve') {
        if ((await readFocus(page)).name !== 'Reason') await keys.tabTo(/^Reason$/);
        await keys.type('Which year is it?');
        await keys.tabTo(/^Digital signature$/);
      }
      await keys.type('wrong');
      await keys.press('Enter');
      await dialog.getByText('This is not your signature.').waitFor();
      expect((await readFocus(page)).name).toBe('Digital signature');
      expect(announcedOf(await announced(), /not your signature/)).toHaveLength(1);
      await keys.press('Control+a');
      await keys.type('demo');
      await keys.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      expect(keys.faults).toEqual([]);
      expect(announcedOf(await announced(), new RegExp(`Request ${id} ${done}$`))).toHaveLength(1);
      await keys.press('Escape');
      expect((await readFocus(page)).name).toBe(id);
    }

    await keys.tabTo(/^Crates$/, 'Shift+Tab');
    await keys.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Crates' }).waitFor();
    await seat.quiet();
    const crate = (await peter.get(`/requests/${ids[0]}/`)).body['crate'].id;
    await openRow(seat, keys, crate);
    await keys.tabTo(/^Relocate$/);
    await keys.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Relocate crate ${crate}` });
    await dialog.waitFor();
    expect((await readFocus(page)).name).toBe('Storage place');
    await dialog.getByText(/\d+ free$/).waitFor();
    await keys.press('ArrowDown');
    await keys.tabTo(/^Digital signature$/);
    await keys.type('demo');
    await keys.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect((await readFocus(page)).name).toBe('Relocate');
    expect(announcedOf(await announced(), /relocated$/)).toHaveLength(1);
    expect(keys.faults).toEqual([]);
  });

  test.each([
    ['at 200 %', { width: 640, height: 400 }],
    ['at 400 %', { width: 320, height: 256 }],
  ])('nothing covers what has the focus in a dialog, on a page %s', async (_zoom, size) => {
    const demo = await useDemo();
    const id = await makeRequest(await visit(demo, 'leila'));
    const { page } = await sit(chromium, demo.app, 'amara', {
      path: `/#/requests?open=${id}`,
      mayLog: /ERR_/,
    });
    await page.getByRole('button', { name: 'Reject' }).click();
    const dialog = page.getByRole('dialog', { name: `Reject request ${id}` });
    await dialog.getByLabel('Reason').fill('No lease');
    await dialog.getByLabel('Digital signature').fill('demo');
    await page.route('**/reject/', (route) => route.abort(), { times: 1 });
    await page.keyboard.press('Enter');
    await dialog.getByText(/We do not know/).waitFor();
    await page.setViewportSize(size);
    for (const key of ['Tab', 'Shift+Tab'])
      for (let stops = 0; stops < 6; stops += 1) {
        await page.keyboard.press(key);
        expect.soft(await readCovered(page)).toEqual([]);
      }
  });

  test('the trail is searched, the inbox and the menus are opened, and the focus comes back', async () => {
    const demo = await useDemo();
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    const seat = await sit(chromium, demo.app, 'amara', { path: '/#/audit' });
    const { page } = seat;
    const id = await makeRequest(leila);
    await approve(peter, id);
    const keys = keysOf(page);
    await keys.tabTo(/^Search the audit trail$/);
    await keys.type(`request ${id}`);
    await page.getByText('2 entries', { exact: true }).waitFor();
    await seat.quiet();
    expect((await readFocus(page)).name).toBe('Search the audit trail');
    await keys.tabTo(/^Export CSV$/);
    const download = page.waitForEvent('download');
    await keys.press('Enter');
    await download;
    await page.getByRole('button', { name: 'Export CSV' }).waitFor(); // it says “Exporting…” meanwhile
    expect((await keys.press('Shift')).name).toBe('Export CSV');
    await goToRow(keys, /^Audit trail exported$/, 'Request approved'); // the newest entries have the words, too
    await keys.press('Enter');
    await page.getByRole('dialog', { name: /^Audit entry/ }).waitFor();
    await keys.tabTo(new RegExp(`^Request ${id}$`));
    await keys.press('Escape');
    expect((await readFocus(page)).name).toBe('Request approved');

    await keys.tabTo(/^Inbox/, 'Shift+Tab');
    await keys.press('Enter');
    await page.getByRole('dialog', { name: 'Inbox' }).waitFor();
    await keys.press('Tab');
    await keys.press('Escape');
    expect((await readFocus(page)).name).toMatch(/^Inbox/);
    await keys.press('Enter');
    await keys.tabTo(new RegExp(`^Request ${id}`));
    await keys.press('Enter');
    await page.getByRole('dialog', { name: `Request ${id}` }).waitFor();
    await keys.press('Shift');

    await keys.tabTo(/^Connection details$/, 'Shift+Tab');
    await keys.press('Enter');
    await page.getByRole('dialog', { name: 'Connection' }).waitFor();
    await keys.press('Escape');
    expect((await readFocus(page)).name).toBe('Connection details');
    await keys.tabTo(/Account menu/, 'Shift+Tab');
    await keys.press('Enter');
    await page.getByRole('menu').waitFor();
    await keys.press('ArrowDown');
    await keys.press('Escape');
    expect((await readFocus(page)).name).toMatch(/Account menu/);
    expect(keys.faults).toEqual([]);
  });
});
