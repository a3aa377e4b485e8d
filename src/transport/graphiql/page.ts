import type { GraphiQLOptions } from 'graphql-yoga';
import type { AssetNames } from './assets.ts';
import { type PageSettings, SETTINGS_ID } from './start-script.ts';

export interface PageContent {
  readonly options: GraphiQLOptions;
  readonly startsAfresh: boolean;
  readonly names: AssetNames;
  /** Where the files are, seen from the page. */
  readonly folder: string;
}

/** Only what GraphiQL needs, and only from here. Its editor makes styles as it goes; its fonts and small pictures are in its styles. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  'font-src data:',
  "img-src 'self' data:",
  "connect-src 'self'", // the WebSocket of this origin, too (CSP 3)
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page may hold a token: no browser brings it back from its cache, and nobody sees where it was. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

export function writePage({ options, startsAfresh, names, folder }: PageContent): string {
  const settings: PageSettings = {
    options,
    startsAfresh,
    workers: {
      editorWorkerService: folder + names.editorWorker,
      json: folder + names.jsonWorker,
      graphql: folder + names.graphqlWorker,
    },
  };
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(options.title ?? 'GraphiQL')}</title>
    <link rel="icon" href="${folder}${names.icon}">
    <link rel="stylesheet" href="${folder}${names.styles}">
    <script id="${SETTINGS_ID}" type="application/json">${escapeJson(settings)}</script>
    <script defer src="${folder}${names.start}"></script>
    <script defer src="${folder}${names.graphiql}"></script>
  </head>
  <body id="body" class="no-focus-outline">
    <noscript>You need to enable JavaScript to run this app.</noscript>
    <div id="root"></div>
  </body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** JSON in which no end of a script can be. */
function escapeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
