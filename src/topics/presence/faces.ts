/** Who is present at an object: a face for each user. How faces are written for other processes, and which of them are shown. */
import { z } from 'zod';

/** What users do with an object. A user who does both is about to act. */
export const DOINGS = ['LOOKING', 'ACTING'] as const;

/** In milliseconds since 1970, up to the last that a date can be. */
const time = z.number().min(0).max(8.64e15);

const face = z.object({
  objectId: z.string(),
  userId: z.string(),
  name: z.string().nullable(),
  role: z.string().nullable(),
  doing: z.enum(DOINGS),
  /** What the user is about to do, in a word of the app. */
  action: z.string().nullable(),
  since: time,
});

export type Face = z.output<typeof face>;

/** Since when the connection is lost, and until when the face stays all the same. */
const lost = z.object({ at: time, until: time });

const held = face.extend({ lost: lost.optional() });

/** A face as the process has it that shows it. */
export type HeldFace = z.output<typeof held>;

const left = z.object({ objectId: z.string(), userId: z.string(), at: time });

/** A user has left an object for good. What other processes show of connections that were lost before that is out of date. */
export type Left = z.output<typeof left>;

const note = z.object({ faces: z.array(held), left: z.array(left) });

/** What a process knows of a unit. */
export interface Note {
  readonly faces: readonly HeldFace[];
  readonly left: readonly Left[];
}

/** How many faces of a unit and kind are shown. */
export const MAX_FACES = 500;
/** How many of them each process writes. More than are shown, since others may watch one object among many. */
const MAX_WRITTEN = 2000;

export const writeNote = ({ faces, left }: Note): string =>
  JSON.stringify({ faces: cutFaces(faces, MAX_WRITTEN), left } satisfies Note);

/** In a text that this version cannot read there is nobody. */
export function readNote(text: string): Note {
  try {
    return note.safeParse(JSON.parse(text)).data ?? NOTHING;
  } catch {
    return NOTHING;
  }
}

const NOTHING: Note = { faces: [], left: [] };

type Subject = Pick<Face, 'objectId' | 'userId'>;

/** The same for all faces of a user at an object. */
export const keyOf = ({ objectId, userId }: Subject): string => `${objectId}\n${userId}`; // neither contains a control character

/** One face for each user and object, by the newest that is known, in the order of arrival. */
export function mergeFaces(notes: Iterable<Note>): readonly HeldFace[] {
  const now = Date.now();
  const leftAt = new Map<string, number>();
  const merged = new Map<string, HeldFace>();
  for (const { left } of notes)
    for (const one of left) leftAt.set(keyOf(one), Math.max(one.at, leftAt.get(keyOf(one)) ?? 0));
  for (const { faces } of notes)
    for (const one of faces) {
      const key = keyOf(one);
      if (one.lost && (one.lost.until <= now || one.lost.at <= (leftAt.get(key) ?? -1))) continue;
      const known = merged.get(key);
      if (known === undefined || outranks(one, known)) merged.set(key, one);
    }
  return [...merged.values()].sort(byArrival);
}

/** Connections that are lost within this time are lost together, in milliseconds. */
const TOGETHER_MS = 1000;

function outranks(one: HeldFace, other: HeldFace): boolean {
  if (one.lost === undefined || other.lost === undefined) {
    if (one.lost !== other.lost) return one.lost === undefined;
  } else if (Math.abs(one.lost.at - other.lost.at) > TOGETHER_MS) return one.lost.at > other.lost.at;
  if (one.doing !== other.doing) return one.doing === 'ACTING';
  return one.since < other.since;
}

const byArrival = (one: Face, other: Face): number =>
  one.since - other.since || (`${one.userId} ${one.objectId}` < `${other.userId} ${other.objectId}` ? -1 : 1);

/** Who is about to act stays, and as many objects as possible keep somebody. The order stays, too. */
export function cutFaces<Some extends Pick<Face, 'objectId' | 'doing'>>(
  faces: readonly Some[],
  most: number,
): readonly Some[] {
  if (faces.length <= most) return faces;
  const counts = new Map<string, number>();
  const ranked = faces.map((one, index) => {
    const before = counts.get(one.objectId) ?? 0;
    counts.set(one.objectId, before + 1);
    return { one, index, rank: one.doing === 'ACTING' ? -1 : before };
  });
  return ranked
    .sort((one, other) => one.rank - other.rank || one.index - other.index)
    .slice(0, most)
    .sort((one, other) => one.index - other.index)
    .map(({ one }) => one);
}
