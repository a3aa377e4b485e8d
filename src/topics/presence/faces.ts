/** Who is present at an object: a face for each user. How faces are written for other processes, and which of them are shown. */
import { z } from 'zod';

/** What users do with an object. A user who does both is about to act. */
export const DOINGS = ['LOOKING', 'ACTING'] as const;

const face = z.object({
  objectId: z.string(),
  userId: z.string(),
  name: z.string().nullable(),
  role: z.string().nullable(),
  doing: z.enum(DOINGS),
  /** What the user is about to do, in a word of the app. */
  action: z.string().nullable(),
  /** In milliseconds since 1970, up to the last that a date can be. */
  since: z.number().min(0).max(8.64e15),
});

export type Face = z.output<typeof face>;

const faces = z.array(face);

/** How many faces of a unit and kind are shown, and written by each process. */
export const MAX_FACES = 500;

export const writeFaces = (shown: readonly Face[]): string => JSON.stringify(shown.slice(0, MAX_FACES));

/** Of a text that this version cannot read there are none. */
export function readFaces(text: string): readonly Face[] {
  try {
    return faces.safeParse(JSON.parse(text)).data ?? [];
  } catch {
    return [];
  }
}

/** One face for each user and object, in the order of arrival. */
export function mergeFaces(all: Iterable<Face>): readonly Face[] {
  const merged = new Map<string, Face>();
  for (const one of all) {
    const key = `${one.objectId}\n${one.userId}`; // neither contains a control character
    const known = merged.get(key);
    if (known === undefined || outranks(one, known)) merged.set(key, one);
  }
  return [...merged.values()].sort(byArrival).slice(0, MAX_FACES);
}

function outranks(one: Face, other: Face): boolean {
  if (one.doing !== other.doing) return one.doing === 'ACTING';
  return one.since < other.since;
}

const byArrival = (one: Face, other: Face): number =>
  one.since - other.since || (`${one.userId} ${one.objectId}` < `${other.userId} ${other.objectId}` ? -1 : 1);
