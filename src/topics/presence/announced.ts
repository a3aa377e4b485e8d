import { type Face, type HeldFace, mergeFaces, type Note } from './faces.ts';
import { rememberLeft } from './left.ts';

/** The session that a face was of when its connection was lost. */
export interface LostSession {
  readonly userId: string;
  readonly tokenId: string | null;
  /** When the session would have ended, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Whom a revocation concerns: all sessions of a user, or one token. */
export type Revoked = Pick<LostSession, 'userId'> | { readonly tokenId: string };

/**
 * Takes a face away: at once, if its user has left the object, or may not be there any more. Where the connection was lost, the face stays
 * for some seconds, so that it does not flicker when a page is loaded again. It does not stay where another session shows the user at the
 * object: a client of event streams opens the next stream before it leaves the last.
 */
export type Leave = (lost?: LostSession) => void;

/** The faces that were announced to this process, of one kind. */
export interface Announced {
  /** @param sessionId names the session that shows it, among all of this process. */
  add(unitId: string, face: Face, sessionId: string): Leave;
  of(unitId: string): Note;
  /** The units in which there are faces. */
  readonly units: Iterable<string>;
  /** Forgets who left too long ago to matter. Returns whether there are others still. */
  forgetLeft(): boolean;
  /** Takes away all faces at an object: it is no longer in the unit. */
  clear(unitId: string, objectId: string): void;
  /** Takes away faces whose connection was lost, and whose session is revoked since. */
  forget(whose: Revoked): void;
  close(): void;
}

/** How long a face stays after its connection is gone, in milliseconds. */
export const LINGER_MS = 15_000;

/** How many faces of a user stay at a time. Otherwise a user who connects again and again is shown at any number of objects. */
export const MAX_LINGERING = 64;

interface Entry {
  readonly face: Face;
  readonly sessionId: string;
  /** Set when the connection was lost: the face stays until this timer ends. */
  lingering:
    | { readonly lost: LostSession; readonly timer: NodeJS.Timeout; readonly held: HeldFace }
    | undefined;
}

/** @param onChange called with the unit in which somebody has come or gone. */
export function keepAnnounced(onChange: (unitId: string) => void): Announced {
  const byUnit = new Map<string, Set<Entry>>();
  /** How many faces of each user stay although their connections are gone. */
  const lingering = new Map<string, number>();
  const left = rememberLeft(LINGER_MS);

  function countLingering(userId: string, more: 1 | -1): void {
    const count = (lingering.get(userId) ?? 0) + more;
    if (count === 0) lingering.delete(userId);
    else lingering.set(userId, count);
  }

  function drop(unitId: string, entry: Entry): void {
    const ofUnit = byUnit.get(unitId);
    if (ofUnit?.delete(entry) !== true) return;
    if (entry.lingering !== undefined) {
      clearTimeout(entry.lingering.timer);
      countLingering(entry.face.userId, -1);
    } else if (!hasFace(unitId, entry.face)) left.add(unitId, entry.face);
    if (ofUnit.size === 0) byUnit.delete(unitId);
    onChange(unitId);
  }

  function dropLingering(unitId: string, isMeant: (entry: Entry, lost: LostSession) => boolean): void {
    for (const entry of byUnit.get(unitId) ?? [])
      if (entry.lingering !== undefined && isMeant(entry, entry.lingering.lost)) drop(unitId, entry);
  }

  function stay(unitId: string, entry: Entry, lost: LostSession): void {
    if (entry.lingering !== undefined || byUnit.get(unitId)?.has(entry) !== true) return;
    const ms = Math.min(LINGER_MS, lost.expiresAt - Date.now());
    const isOneTooMany = (lingering.get(entry.face.userId) ?? 0) >= MAX_LINGERING;
    if (ms <= 0 || isOneTooMany || isShownByOther(unitId, entry)) drop(unitId, entry);
    else {
      countLingering(entry.face.userId, 1);
      const timer = setTimeout(drop, ms, unitId, entry).unref();
      const at = Date.now();
      entry.lingering = { lost, timer, held: { ...entry.face, lost: { at, until: at + ms } } };
      onChange(unitId);
    }
  }

  function hasFace(unitId: string, face: Face): boolean {
    for (const other of byUnit.get(unitId) ?? []) if (isSameFace(other.face, face)) return true;
    return false;
  }

  function isShownByOther(unitId: string, { face, sessionId }: Entry): boolean {
    for (const other of byUnit.get(unitId) ?? [])
      if (isSameFace(other.face, face) && other.sessionId !== sessionId && other.lingering === undefined)
        return true;
    return false;
  }

  return {
    add(unitId, face, sessionId) {
      const entry: Entry = { face, sessionId, lingering: undefined };
      const ofUnit = byUnit.get(unitId) ?? new Set();
      byUnit.set(unitId, ofUnit.add(entry));
      dropLingering(unitId, (old) => isSameFace(old.face, face)); // the user is back
      onChange(unitId);
      return (lost) => (lost === undefined ? drop(unitId, entry) : stay(unitId, entry, lost));
    },
    of(unitId) {
      const faces = [...(byUnit.get(unitId) ?? [])].map(({ face, lingering }) => lingering?.held ?? face);
      return { faces: mergeFaces([{ faces, left: [] }]), left: left.of(unitId) };
    },
    get units() {
      return byUnit.keys();
    },
    forgetLeft: left.forgetOld,
    clear(unitId, objectId) {
      for (const entry of byUnit.get(unitId) ?? []) if (entry.face.objectId === objectId) drop(unitId, entry);
    },
    forget(whose) {
      const isMeant = (_entry: Entry, { userId, tokenId }: LostSession): boolean =>
        'userId' in whose ? userId === whose.userId : tokenId === whose.tokenId;
      for (const unitId of [...byUnit.keys()]) dropLingering(unitId, isMeant);
    },
    close() {
      for (const entries of byUnit.values())
        for (const entry of entries) clearTimeout(entry.lingering?.timer);
      byUnit.clear();
    },
  };
}

const isSameFace = (one: Face, other: Face): boolean =>
  one.objectId === other.objectId && one.userId === other.userId;
