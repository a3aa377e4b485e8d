import { readdirSync } from 'node:fs';

const DEBIAN_FOLDER = '/usr/lib/postgresql';

/** The folder of PostgreSQL's programs. `undefined` if PostgreSQL is not installed. */
export function findPostgres(): string | undefined {
  try {
    const [newest] = readdirSync(DEBIAN_FOLDER).sort((one, other) => Number(other) - Number(one));
    return newest === undefined ? undefined : `${DEBIAN_FOLDER}/${newest}/bin`;
  } catch {
    return undefined;
  }
}
