import type { Environment } from './reader.ts';

/** An environment variable that is no setting, and looks like one. */
interface Suspect {
  readonly name: string;
  /** The setting that was meant, if one is spelt like it. */
  readonly meant: string | undefined;
}

/** A name counts as misspelt if at most one letter in four is wrong, and three at most: `PROT`, `TRUSTED_PROXY`. */
const LETTERS_PER_EDIT = 4;
const MAX_EDITS = 3;

/** Two settings that begin alike make a family: `JWT_`, `MAX_`, `PROFILE_`. */
const FAMILY_SIZE = 2;

/**
 * What Kubernetes and Docker set in every container beside a service that is called `redis`, say: `REDIS_SERVICE_HOST`,
 * `REDIS_PORT`, `REDIS_PORT_6379_TCP_ADDR`.
 */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$/;

/**
 * Says which environment variables are probably misspelt settings: those spelt almost like a setting, and those that begin
 * like several settings. The sentences hold names, and never a value: it may be a secret.
 *
 * They are warnings, and no faults. An environment belongs to many programs: a `.env` file that is shared with Django, or the
 * variables that Kubernetes adds, must not keep a server from starting. A setting that is needed and misspelt is a fault all
 * the same, because it is missing.
 * @param settings every name that has a meaning.
 */
export function warnOfMisspelt(environment: Environment, settings: Iterable<string>): readonly string[] {
  const known = [...settings];
  return Object.keys(environment)
    .flatMap((name) => suspect(name, known) ?? [])
    .map(({ name, meant }) =>
      meant === undefined
        ? `${name} is set, and there is no such setting. docs/settings.md lists all.`
        : `${name} is set, and there is no such setting: did you mean ${meant}?`,
    );
}

function suspect(name: string, known: readonly string[]): Suspect | undefined {
  if (known.includes(name) || SERVICE_LINK.test(name)) return undefined;
  const meant = findNearest(name.toUpperCase(), known);
  const isOfFamily = known.filter((setting) => setting.startsWith(prefixOf(name))).length >= FAMILY_SIZE;
  return meant !== undefined || isOfFamily ? { name, meant } : undefined;
}

/** The first part of a name, with its underscore. A name of one part has no family. */
const prefixOf = (name: string): string => /^[A-Z0-9]+_/.exec(name)?.[0] ?? name;

function findNearest(name: string, known: readonly string[]): string | undefined {
  const most = Math.min(MAX_EDITS, Math.floor(name.length / LETTERS_PER_EDIT));
  const near = known
    .map((setting) => ({ setting, edits: countEdits(name, setting) }))
    .filter(({ edits }) => edits <= most)
    .toSorted((one, other) => one.edits - other.edits);
  return near[0]?.setting;
}

/**
 * How many letters have to be added, left out, replaced, or swapped with their neighbours to make one name of the other
 * (optimal string alignment).
 */
function countEdits(from: string, to: string): number {
  const start = Array.from({ length: to.length + 1 }, (_, column) => column);
  const rows = [start];
  for (let row = 1; row <= from.length; row += 1) {
    const above = rows[row - 1] ?? [];
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const edits = [
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (isSame ? 0 : 1),
        ...(isSwapped && row > 1 && column > 1 ? [(rows[row - 2]?.[column - 2] ?? 0) + 1] : []),
      ];
      current.push(Math.min(...edits));
    }
    rows.push(current);
  }
  return rows.at(-1)?.at(-1) ?? 0;
}
