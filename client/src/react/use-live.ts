'use client';

import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useEffect, useMemo, useRef } from 'react';
import { stringifyVariables } from 'urql';
import type { Follower } from '../connection/types.ts';
import { useLiveClient } from './live-context.ts';
import { exactVariables, type LooseVariables } from './live-variables.ts';

/**
 * Follows a subscription while the component is mounted.
 * @param document what to follow, e.g. `RequestUpdatedDocument`.
 * @param variables compared by value; ids may be numbers. `'skip'`: follow nothing for now.
 * @param follower may be a new object each time; the newest one is called.
 */
export function useLive<Data, Variables extends object>(
  document: TypedDocumentNode<Data, Variables>,
  variables: LooseVariables<Variables> | 'skip',
  follower: Follower<Data>,
): void {
  const client = useLiveClient();
  const newest = useRef(follower);
  useEffect(() => {
    newest.current = follower;
  });
  const exact = variables === 'skip' ? 'skip' : exactVariables<Variables>(variables);
  const key = exact === 'skip' ? exact : stringifyVariables(exact);
  const stable = useMemo(() => exact, [key]); // the key stands for the variables
  useEffect(() => {
    if (stable === 'skip') return undefined;
    return client.follow(document, stable, {
      ...(newest.current.pastMs && { pastMs: () => newest.current.pastMs?.() ?? 0 }),
      event: (data, agoMs) => newest.current.event(data, agoMs),
      started: (why, coveredMs) => newest.current.started?.(why, coveredMs),
      resumed: () => newest.current.resumed?.(),
      catchingUp: (isCatchingUp) => newest.current.catchingUp?.(isCatchingUp),
      refused: (error) => newest.current.refused?.(error),
    });
  }, [client, document, stable]);
}
