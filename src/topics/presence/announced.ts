import { type Face, mergeFaces } from './faces.ts';

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
 * for some seconds, so that it does not flicker when a page is loaded again.
 */
export type Leave = (lost?: LostSession) => void;

/** The faces that were announced to this process, of one kind. */
export interface Announced {
  add(unitId: string, face: Face): Leave;
  of(unitId: string): readonly Face[];
  readonly units: Iterable<string>;
  /** Takes away faces whose connection was lost, and whose session is revoked since. */
  forget(whose: Revoked): void;
  close(): void;
}

/** How long a face stays after its connection is gone, in milliseconds. */
export const LINGER_MS = 15_000;

interface Entry {
  readonly face: Face;
  /** Set when the connection was lost: the face stays until this timer ends. */
  lingering: { readonly lost: LostSession; readonly timer: NodeJS.Timeout } | undefined;
}

/** @param onChange called with the unit in which somebody has come or gone. */
export function keepAnnounced(onChange: (unitId: string) => void): Announced {
  const byUnit = new Map<string, Set<Entry>>();

  function drop(unitId: string, entry: Entry): void {
    clearTimeout(entry.lingering?.timer);
    const ofUnit = byUnit.get(unitId);
    if (ofUnit?.delete(entry) !== true) return;
    if (ofUnit.size === 0) byUnit.delete(unitId);
    onChange(unitId);
  }

  function dropLingering(unitId: string, isMeant: (entry: Entry, lost: LostSession) => boolean): void {
    for (const entry of byUnit.get(unitId) ?? [])
      if (entry.lingering !== undefined && isMeant(entry, entry.lingering.lost)) drop(unitId, entry);
  }

  return {
    add(unitId, face) {
      const entry: Entry = { face, lingering: undefined };
      const ofUnit = byUnit.get(unitId) ?? new Set();
      byUnit.set(unitId, ofUnit.add(entry));
      const { objectId, userId } = face;
      dropLingering(unitId, (old) => old.face.objectId === objectId && old.face.userId === userId); // the user is back
      onChange(unitId);
      return (lost) => {
        const stays = lost === undefined ? 0 : Math.min(LINGER_MS, lost.expiresAt - Date.now());
        if (lost === undefined || stays <= 0) drop(unitId, entry);
        else if (ofUnit.has(entry))
          entry.lingering ??= { lost, timer: setTimeout(drop, stays, unitId, entry).unref() };
      };
    },
    of: (unitId) => mergeFaces([...(byUnit.get(unitId) ?? [])].map(({ face }) => face)),
    get units() {
      return byUnit.keys();
    },
    forget(whose) {
      const isMeant = (_entry: Entry, { userId, tokenId }: LostSession): boolean =>
        'userId' in whose ? userId === whose.userId : tokenId === whose.tokenId;
      for (const unitId of [...byUnit.keys()]) dropLingering(unitId, isMeant);
    },
    close() {
      for (const entries of byUnit.values())
        for (const { lingering } of entries) clearTimeout(lingering?.timer);
      byUnit.clear();
    },
  };
}
