/** What the REST API may answer: the pictures of these states need no such data. */
import type { Page, Route } from 'playwright-core';

/** @returns the answer's body as the page shall get it. */
export type Rewrite = (body: unknown, path: string) => unknown;

/** Lets each answer of a list or an entity be another one. */
export async function rewriteAnswers(page: Page, rewrite: Rewrite): Promise<void> {
  await page.route('**/api/**', async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    const response = await route.fetch();
    if (!response.ok()) return route.fulfill({ response });
    const { pathname } = new URL(route.request().url());
    return route.fulfill({ response, json: rewrite(await response.json(), pathname) });
  });
}

const isRow = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (body: unknown): body is { readonly count: number } => isRow(body) && 'results' in body;

export const none: Rewrite = (body) => (isList(body) ? { ...body, count: 0, results: [] } : zeros(body));

/** The figures of a DMS in which nothing is. */
function zeros(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(zeros);
  if (!isRow(body) || 'username' in body) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      name.endsWith('_since') || name === 'longest_id' || name === 'next_due'
        ? null
        : typeof value === 'number' && !name.endsWith('id')
          ? 0
          : zeros(value),
    ]),
  );
}

export const tenThousand: Rewrite = (body) =>
  isList(body) ? { ...body, count: 10_000 } : thousandfold(body);

/** The figures of a DMS in which so much is. */
function thousandfold(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(thousandfold);
  if (!isRow(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      name === 'count' && typeof value === 'number' ? value * 164 : thousandfold(value),
    ]),
  );
}

/** Sixty characters, in words as names have them. */
const LONG = 'Maximiliana Alexandra Konstantinopoulou-Featherstonehaugh Jr';
const NAMES = /^(name|document_name|room_name|rack_name)$/;

export const longNames: Rewrite = function lengthen(body, path): unknown {
  if (Array.isArray(body)) return body.map((one) => lengthen(one, path));
  if (!isRow(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      NAMES.test(name) && typeof value === 'string' ? LONG : lengthen(value, path),
    ]),
  );
};

/** Nothing is answered any more. */
export async function fail(page: Page): Promise<void> {
  await page.route(/\/api\/(?!me|units|token)/, (route: Route) =>
    route.fulfill({ status: 502, contentType: 'text/html', body: 'Bad gateway' }),
  );
}

/** The answers of writes are lost. */
export async function failWrites(page: Page): Promise<void> {
  await page.route('**/api/**', (route) =>
    route.request().method() === 'GET' ? route.continue() : route.fulfill({ status: 504, body: 'Timeout' }),
  );
}

export async function neverAnswer(page: Page): Promise<void> {
  await page.route(/\/api\/(?!me|units|token)/, () => undefined);
}
