import type { Logger } from '../../log.ts';
import { compressFiles, createStaticFile, IMMUTABLE, type StaticFile } from '../static-file.ts';
import { START_SCRIPT } from './start-script.ts';

/** The files of GraphiQL, by the names under which they are served: these hold a hash of the content. */
export interface Assets {
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly names: AssetNames;
}

export type AssetNames = Readonly<Record<AssetKey, string>>;

type AssetKey = 'start' | 'graphiql' | 'styles' | 'icon' | 'editorWorker' | 'jsonWorker' | 'graphqlWorker';

const JAVASCRIPT = 'text/javascript; charset=utf-8';

/**
 * Tabs that are there from the start are drawn where they are and clicked where GraphiQL's animation has left them, i.e.
 * somewhere else: they stay put. And a long title would grow over two lines, out of its bar.
 */
const MENDED_STYLES = `
.graphiql-tab { transform: none !important; }
.graphiql-logo { white-space: nowrap; }
`;

let loading: Promise<Assets> | undefined;

/** Takes them from their package: 9 MB, so only where GraphiQL is on, and once in a process. */
export function loadAssets(log: Pick<Logger, 'error'>): Promise<Assets> {
  loading ??= readAssets().then((assets) => {
    compressFiles(assets.files.values()).catch((error: unknown) =>
      log.error({ err: error }, 'GraphiQL could not be compressed: it is served as it is'),
    );
    return assets;
  });
  return loading;
}

async function readAssets(): Promise<Assets> {
  const source = await import('@graphql-yoga/render-graphiql/graphiql');
  const files = new Map<string, StaticFile>();

  function add(name: string, extension: string, type: string, content: string | Buffer): string {
    const headers = { 'content-type': type, 'cache-control': IMMUTABLE };
    const file = createStaticFile(Buffer.from(content), headers);
    const fileName = `${name}.${file.hash.slice(0, 16)}.${extension}`;
    files.set(fileName, file);
    return fileName;
  }

  const icon = Buffer.from(source.favicon.slice(source.favicon.indexOf(',') + 1), 'base64');
  const names = {
    start: add('start', 'js', JAVASCRIPT, START_SCRIPT),
    styles: add('graphiql', 'css', 'text/css; charset=utf-8', source.css + MENDED_STYLES),
    graphiql: add('graphiql', 'js', JAVASCRIPT, source.js),
    editorWorker: add('editor-worker', 'js', JAVASCRIPT, source.editorWorkerService),
    jsonWorker: add('json-worker', 'js', JAVASCRIPT, source.jsonWorker),
    graphqlWorker: add('graphql-worker', 'js', JAVASCRIPT, source.graphqlWorker),
    icon: add('icon', 'ico', 'image/x-icon', icon),
  };
  return { files, names };
}
