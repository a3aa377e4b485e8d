/** How large the package is in an app's bundle, as its README says. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

const CLIENT = fileURLToPath(new URL('../../client/', import.meta.url));
const README = readFileSync(`${CLIENT}README.md`, 'utf8');
/** What an app has anyway. */
const PRESENT = /^(react|react-dom|@tanstack\/react-query|graphql)(\/.*)?$/;

/** The bytes of entries in one bundle, minified and compressed. */
async function sizeOf(...entries: readonly string[]): Promise<number> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      {
        name: 'entries',
        resolveId: (id: string) => (id === 'entries' ? '\0entries' : undefined),
        load: (id: string) =>
          id === '\0entries'
            ? entries.map((entry) => `export * from '${CLIENT}src/${entry}.ts';`).join('\n')
            : undefined,
      },
    ],
    build: {
      write: false,
      rolldownOptions: { input: 'entries', external: PRESENT, preserveEntrySignatures: 'strict' },
    },
  });
  if (!('output' in result)) throw new Error('Vite has built something else');
  return gzipSync(result.output.map((part) => ('code' in part ? part.code : '')).join('')).length;
}

test('no entry is more than a tenth larger than the README says', async () => {
  const [whole, tabs, devtools] = [
    await sizeOf('index'),
    await sizeOf('index', 'tabs'),
    await sizeOf('index', 'devtools'),
  ];
  const sizes = {
    'dms-live-react': whole,
    'dms-live-react/tabs': tabs - whole,
    'dms-live-react/devtools': devtools - whole,
  };
  for (const [entry, bytes] of Object.entries(sizes)) {
    const said = Number(new RegExp(`^\\| \`${entry}\` \\| ([\\d.]+) kB`, 'm').exec(README)?.[1]) * 1000;
    expect(bytes, `the size of ${entry}`).toBeLessThan(said * 1.1);
    expect(bytes, `the size of ${entry}`).toBeGreaterThan(said * 0.8); // or the README says too much
  }
});
