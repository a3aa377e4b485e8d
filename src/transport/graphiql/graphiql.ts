import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphiQLOptions } from 'graphql-yoga';
import type { Logger } from '../../log.ts';
import { searchOf } from '../paths.ts';
import { sendStaticFile } from '../static-file.ts';
import { loadAssets } from './assets.ts';
import { PAGE_HEADERS, writePage } from './page.ts';

/** How a GraphiQL page is set up. */
export interface GraphiQLPage {
  /** Its options, by the query of its address. They go to the browser: no secret but the visitor's own. */
  readonly options: (search: URLSearchParams) => GraphiQLOptions;
  /** Whether it forgets the tabs and the query of an earlier visit. Default: it does not. */
  readonly startsAfresh?: boolean;
}

/** GraphiQL, served whole by this server: a small page, and its files below the endpoint. */
export interface GraphiQL {
  /** Answers with the page, if that is what a request wants. */
  sendPage(request: IncomingMessage, response: ServerResponse): boolean;
  /** Answers with a file; `false`: there is none of this name. */
  sendAsset(name: string, request: IncomingMessage, response: ServerResponse): boolean;
}

/** Below the endpoint. */
export const ASSETS_PATH = '/assets/';

export async function loadGraphiQL(
  { options, startsAfresh = false }: GraphiQLPage,
  log: Pick<Logger, 'error'>,
): Promise<GraphiQL> {
  const { files, names } = await loadAssets(log);
  return {
    sendPage(request, response) {
      if (!isForBrowser(request)) return false;
      const page = Buffer.from(
        writePage({
          options: options(new URLSearchParams(searchOf(request))),
          startsAfresh,
          names,
          // Relative, so that it holds behind any proxy; a slash at the end of the address makes it a folder.
          folder: `${request.url?.split('?', 1)[0]?.endsWith('/') ? '.' : './graphql'}${ASSETS_PATH}`,
        }),
      );
      response.writeHead(200, { ...PAGE_HEADERS, 'content-length': page.length });
      response.end(request.method === 'HEAD' ? undefined : page);
      return true;
    },
    sendAsset(name, request, response) {
      const file = files.get(name);
      if (file === undefined) return false;
      sendStaticFile(file, request, response);
      return true;
    },
  };
}

/** A person who follows a link, and no program that queries by GET. */
function isForBrowser({ method, headers }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && headers.accept?.includes('text/html') === true;
}
