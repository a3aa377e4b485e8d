import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { PEOPLE, usernameOf } from '../../demo/server/src/users.ts';
import { useChromium } from '../browser/browser.ts';
import { scrollsSideways } from '../client/support/sideways.ts';
import { useDemo, visit } from '../support/demo.ts';
import { announcements } from './announcements.ts';
import { indexPage } from './index-page.ts';
import { LOOKS, RARE } from './looks.ts';
import type { Colleagues, Scene } from './scene.ts';
import { SCENES } from './scenes.ts';

const OUT = fileURLToPath(new URL('out/', import.meta.url));
const ONLY = process.env['ONLY'] ?? '';
/** What still moves or is fetched after a scene has been set. */
const SETTLES_MS = 350;

const chromium = useChromium();
mkdirSync(OUT, { recursive: true });

afterAll(() => {
  const files = readdirSync(OUT).filter((name) => name.endsWith('.png'));
  writeFileSync(`${OUT}index.html`, indexPage(files));
});

test.each(Object.keys(LOOKS))('%s', async (look) => {
  const demo = await useDemo({ DEMO_PACE: 'paused', DEMO_SEED: '7' });
  const { announce, end } = announcements(demo);
  const colleagues: Colleagues = {
    announce,
    leila: await visit(demo, 'leila'),
    peter: await visit(demo, 'peter'),
    grace: await visit(demo, 'grace'),
    amara: await visit(demo, 'amara'),
  };
  const browser = await chromium.browser();
  const scenes = SCENES.filter(
    ({ name, looks }) => name.startsWith(ONLY) && (!RARE.includes(look) || looks?.includes(look)),
  );
  const wide: string[] = [];
  const failed: string[] = [];
  for (const who of new Set(scenes.map((scene) => scene.who))) {
    const context = await browser.newContext(LOOKS[look]);
    const page = await context.newPage();
    await page.goto(demo.app.url);
    if (who !== undefined) await signIn(page, who);
    for (const scene of scenes.filter((one) => one.who === who)) {
      await setScene(page, scene, colleagues).catch((error) => failed.push(`${scene.name}: ${error}`));
      rmSync(`${OUT}${scene.name}.${look}.png`, { force: true });
      await page.screenshot({ path: `${OUT}${scene.name}.${look}.png` });
      if (await scrollsSideways(page)) wide.push(`${scene.name} (${look})`);
      end();
      await context.setOffline(false);
      await page.unrouteAll({ behavior: 'ignoreErrors' });
    }
    await context.close();
  }
  expect({ failed, wide }, 'scenes that were not reached, and those that scroll sideways').toEqual({
    failed: [],
    wide: [],
  });
});

async function signIn(page: Page, username: string): Promise<void> {
  const person = PEOPLE.find((one) => usernameOf(one) === username);
  await page.getByRole('button', { name: person?.name ?? username }).click();
  await page.locator('[data-phase="live"]').waitFor();
}

async function setScene(page: Page, scene: Scene, colleagues: Colleagues): Promise<void> {
  await page.goto(page.url().replace(/#.*|$/, scene.path ?? '#/requests'));
  await scene.prepare?.(page);
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (scene.who !== undefined) await page.locator('[data-phase="live"]').waitFor();
  await page.waitForTimeout(SETTLES_MS);
  await scene.act?.(page, colleagues);
  await page.waitForTimeout(SETTLES_MS);
}
