'use client';

import { useEffect, useSyncExternalStore } from 'react';
import { AnnouncePresenceDocument, type PresenceDoing } from '../generated/operations.ts';
import type { Unit } from '../query/use-live-queries.ts';
import { useLiveClient } from '../react/live-context.ts';
import { useMayFollow } from './use-may-follow.ts';
import type { ObjectId } from './use-presence.ts';
import { SEEN } from './visible.ts';

export interface AnnounceOptions {
  /** The unit that the object belongs to. Default: the user's own; for a System Admin it has to be said. */
  readonly unitId?: Unit;
}

export interface EditingOptions extends AnnounceOptions {
  /** Default: true. */
  readonly active?: boolean;
}

/**
 * Shows others that the user looks at an object, while the component is mounted, until the page has been hidden for 30 seconds. Several
 * components, and several tabs of a user, make one face. `null`: at nothing for now. See `usePresence`.
 */
export function useLooking(kind: string, id: ObjectId | undefined, { unitId }: AnnounceOptions = {}): void {
  useAnnounced(kind, id, unitId, 'LOOKING', undefined);
}

/**
 * Shows others that the user is about to act on an object, as `useLooking` does: in a dialog, or while a form has changes. A page may be
 * hidden for five minutes, since who acts may have to look something up.
 *
 * ```tsx
 * useEditing('request', request.id, 'APPROVE', { unitId: request.unit_id, active: isDirty });
 * ```
 * @param action what the user is about to do, in a word of the app: letters, digits, `-` or `_`.
 */
export function useEditing(
  kind: string,
  id: ObjectId | undefined,
  action: string,
  { unitId, active = true }: EditingOptions = {},
): void {
  useAnnounced(kind, active ? id : null, unitId, 'ACTING', action);
}

function useAnnounced(
  kind: string,
  id: ObjectId | undefined,
  unitId: Unit | undefined,
  doing: PresenceDoing,
  action: string | undefined,
): void {
  const client = useLiveClient();
  const unit = unitId == null ? undefined : String(unitId);
  const objectId = id == null ? undefined : String(id);
  const isSeen = useSyncExternalStore(SEEN[doing].on, SEEN[doing].is, () => true);
  const { mayFollow, refused } = useMayFollow(client, `announce ${kind} ${unit}`);
  useEffect(() => {
    if (objectId === undefined || !isSeen || !mayFollow) return undefined;
    const variables = {
      kind,
      id: objectId,
      doing,
      ...(unit !== undefined && { unitId: unit }),
      ...(action !== undefined && { action }),
    };
    return client.follow(AnnouncePresenceDocument, variables, { event: () => undefined, refused });
  }, [client, kind, objectId, unit, doing, action, isSeen, mayFollow, refused]);
}
