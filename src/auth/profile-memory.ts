import { createHash } from 'node:crypto';
import type { ProfileReader } from './profile.ts';
import type { Identity, Viewer } from './viewer.ts';

/** Remembers profiles, so that the profile of each token is asked for once, however many connections use the token. */
export interface ProfileMemory {
  /** @param identity what the token, which has been verified, says itself. */
  read(token: string, identity: Identity): Promise<Viewer>;
  /** Forgets the profiles of these bearers, also those that are being read: they are asked for again. */
  forget(isOutdated: (of: Bearer) => boolean): void;
}

/** Whose profile is remembered. */
export interface Bearer {
  readonly userId: string;
  readonly tokenId: string | null;
}

interface Kept extends Bearer {
  readonly viewer: Promise<Viewer>;
  isOutdated: boolean;
}

/**
 * A token that has expired is not asked about any more, so nothing is used longer than that.
 * @param maxKept how many are kept; beyond that the one that was used longest ago is forgotten.
 */
export function rememberProfiles(read: ProfileReader['read'], maxKept: number): ProfileMemory {
  /** By the token's digest: a token is not kept. The one used longest ago stands first. */
  const kept = new Map<string, Kept>();

  function find(token: string, { viewer: { id: userId }, tokenId }: Identity): Kept {
    const key = createHash('sha256').update(token).digest('base64url');
    const known = kept.get(key);
    kept.delete(key);
    const found = known ?? { userId, tokenId, viewer: read(token, userId), isOutdated: false };
    kept.set(key, found);
    if (known === undefined) found.viewer.catch(() => kept.get(key) === found && kept.delete(key));
    const [oldest] = kept.keys();
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
    return found;
  }

  return {
    async read(token, identity) {
      for (;;) {
        const found = find(token, identity);
        const viewer = await found.viewer;
        if (!found.isOutdated) return viewer;
      }
    },
    forget(isOutdated) {
      for (const [key, profile] of kept) {
        if (!isOutdated(profile)) continue;
        profile.isOutdated = true;
        kept.delete(key);
      }
    },
  };
}
