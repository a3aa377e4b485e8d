'use client';

import { useEffect, useState } from 'react';
import { createBackoff } from '../connection/backoff.ts';
import type { LiveClient } from '../connection/types.ts';
import { useLiveClient } from '../react/live-context.ts';
import { viewerIdOf } from './viewer-id.ts';

/** Who the user is; `undefined` until the server has said it. A query that fails is asked again. */
export function useViewerId(): string | undefined {
  const client = useLiveClient();
  const [known, setKnown] = useState<{ readonly of: LiveClient; readonly id: string }>();
  useEffect(() => {
    const backoff = createBackoff(1000, 30_000);
    let isWanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function ask(): Promise<void> {
      const id = await viewerIdOf(client);
      if (!isWanted) return;
      if (id === undefined) timer = setTimeout(() => void ask(), backoff.next());
      else setKnown({ of: client, id });
    }
    void ask();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [client]);
  return known?.of === client ? known.id : undefined;
}
