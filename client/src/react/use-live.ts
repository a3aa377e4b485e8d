'use client';

import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useEffect, useMemo, useRef } from 'react';
import { stringifyVariables } from 'urql';
import type { Follower } from '../connection/types.ts';
import { useLiveClient } from './live-context.ts';

/**
 * Follows a subscription while the component is mounted.
 * @param document what to follow, e.g. `RequestUpdatedDocument`.
 * @param variables compared by value; `'skip'`: follow nothing for now.
 * @param follower may be a new object each time; the newest one is called.
 */
export function useLive<Data, Variables extends object>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables | 'skip',
  follower: Follower<Data>,
): void {
  const client = useLiveClient();
  const newest = useRef(follower);
  useEffect(() => {
    newest.current = follower;
  });
  const key = variables === 'skip' ? variables : stringifyVariables(variables);
  const stable = useMemo(() => variables, [key]); // the key stands for the variables
  useEffect(() => {
    if (stable === 'skip') return undefined;
    return client.follow(document, stable, {
      event: (data) => newest.current.event(data),
      started: (why) => newest.current.started?.(why),
      resumed: () => newest.current.resumed?.(),
      refused: (error) => newest.current.refused?.(error),
    });
  }, [client, document, stable]);
}
