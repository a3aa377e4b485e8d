import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Packed {
  /** The file's name in the folder that it was packed into. */
  readonly filename: string;
  /** What is in it. */
  readonly paths: readonly string[];
}

/** A package of this repository as it is built now, packed by npm. */
export async function pack(folder: string, into: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', into], {
    cwd: folder,
    maxBuffer: 64_000_000, // the list of all files
  });
  const [packed]: { filename: string; files: { path: string }[] }[] = JSON.parse(stdout);
  if (packed === undefined) throw new Error('nothing was packed');
  return { filename: packed.filename, paths: packed.files.map(({ path }) => path) };
}
