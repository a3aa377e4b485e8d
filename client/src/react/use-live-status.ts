'use client';

import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { LiveStatus } from '../connection/types.ts';
import { useLiveClient } from './live-context.ts';

/** The connection's status, and while it waits for a retry the whole seconds until then (otherwise `undefined`). */
export type LiveStatusNow = LiveStatus & { readonly retryInSeconds: number | undefined };

/** What a server renders, and what a browser renders first on top of that, whatever the client does meanwhile. */
const IDLE: LiveStatus = { phase: 'idle', since: 0 };

/** How the connection is. Renders again when it changes, and each second while it waits for a retry. */
export function useLiveStatus(): LiveStatusNow {
  const client = useLiveClient();
  const status = useSyncExternalStore(
    client.onStatus,
    () => client.status,
    () => IDLE,
  );
  const retryAt = status.phase === 'reconnecting' ? status.retryAt : undefined;
  return { ...status, retryInSeconds: useSecondsUntil(retryAt) };
}

function useSecondsUntil(moment: number | undefined): number | undefined {
  const [, setTick] = useState(0);
  useEffect(() => {
    if (moment === undefined) return undefined;
    const timer = setInterval(() => setTick((tick) => tick + 1), 1000);
    return () => clearInterval(timer);
  }, [moment]);
  // The same moment by the monotonic clock: the other may be set meanwhile.
  const until = useMemo(
    () => (moment === undefined ? undefined : performance.now() + moment - Date.now()),
    [moment],
  );
  return until === undefined ? undefined : Math.max(0, Math.ceil((until - performance.now()) / 1000));
}
