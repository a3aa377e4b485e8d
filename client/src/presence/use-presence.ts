'use client';

import { useEffect, useMemo, useState } from 'react';
import type { LiveClient } from '../connection/types.ts';
import { PresenceDocument, type PresenceSubscription } from '../generated/operations.ts';
import { useViewerId } from '../notifications/use-viewer-id.ts';
import type { Unit } from '../query/use-live-queries.ts';
import { useLiveClient } from '../react/live-context.ts';
import { useMayFollow } from './use-may-follow.ts';

/** Somebody at an object. */
export type PresentUser = PresenceSubscription['presence'][number];

/** An object's id; `null`: there is no object for now, and nobody at it. */
export type ObjectId = string | number | null;

export interface PresenceOptions {
  /** The unit that the object belongs to. Default: the user's own; for a System Admin all units. */
  readonly unitId?: Unit;
  /** Whether the user is shown, too. Default: false. */
  readonly withSelf?: boolean;
}

const NOBODY: readonly PresentUser[] = [];
/** After this time without a connection nobody is known to be there, in milliseconds. */
const STALE_MS = 15_000;

/**
 * Who else looks at an object, or is about to act on it: one entry for each user, in the order of arrival. Without an id: at all objects of
 * the kind, for the rows of a table; each entry has its `objectId`. Where the server does not show it (`PRESENCE` is off) nobody is there.
 *
 * ```tsx
 * function RequestHeader({ request }: { request: RequestRow }) {
 *   useLooking('request', request.id, { unitId: request.unit_id });
 *   const others = usePresence('request', request.id, { unitId: request.unit_id });
 *   return <p>{others.map(({ name, doing }) => `${name} ${doing === 'ACTING' ? 'is about to act' : 'looks at this'}`)}</p>;
 * }
 * ```
 * @param kind of the server: `request`, `crate`, `storage`, `sendback`.
 */
export function usePresence(
  kind: string,
  id?: ObjectId,
  { unitId, withSelf = false }: PresenceOptions = {},
): readonly PresentUser[] {
  const client = useLiveClient();
  const unit = unitId == null ? undefined : String(unitId);
  const objectId = id == null ? undefined : String(id);
  const isWanted = id !== null;
  const { mayFollow, refused } = useMayFollow(client, `watch ${kind} ${unit}`);
  const [present, setPresent] = useState(NOBODY);
  const viewerId = useViewerId(present.length > 0 && !withSelf);

  useEffect(() => {
    if (!isWanted || !mayFollow) return undefined;
    const variables = {
      kind,
      ...(objectId !== undefined && { id: objectId }),
      ...(unit !== undefined && { unitId: unit }),
    };
    const stop = client.follow(PresenceDocument, variables, {
      event({ presence }) {
        if (client.status.phase === 'live') setPresent(presence); // without a connection it is what somebody else received before
      },
      refused,
    });
    const stopWatching = whenStale(client, () => setPresent(NOBODY));
    return () => {
      stop();
      stopWatching();
      setPresent(NOBODY);
    };
  }, [client, kind, objectId, unit, isWanted, mayFollow, refused]);

  return useMemo(() => {
    if (!withSelf && viewerId === undefined) return NOBODY; // it is not known yet who is somebody else
    const shown = present.filter(
      (one) => (withSelf || one.userId !== viewerId) && (objectId === undefined || one.objectId === objectId),
    );
    return shown.length === 0 ? NOBODY : shown;
  }, [present, viewerId, withSelf, objectId]);
}

/** Calls back when the connection has been gone for a while. Returns how to stop. */
function whenStale(client: LiveClient, onStale: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    if (client.status.phase === 'live') {
      clearTimeout(timer);
      timer = undefined;
    } else timer ??= setTimeout(onStale, STALE_MS);
  };
  const stop = client.onStatus(look);
  return () => {
    stop();
    clearTimeout(timer);
  };
}
