import type { UseQueryResult } from '@tanstack/react-query';
import { WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { statusOf } from '../api/http.ts';
import { Failure } from './failure.tsx';
import { Notice } from './notice.tsx';

interface LoadedProps {
  readonly query: Pick<
    UseQueryResult,
    'data' | 'isError' | 'isPending' | 'error' | 'refetch' | 'fetchStatus'
  >;
  /** What is there, or the room it will take. */
  readonly children: ReactNode;
}

/** The REST API has answered: there is nothing to show any more. */
const GONE: readonly unknown[] = [403, 404, 410];

/** Shows what a query got, or why it got nothing. What is there stays if a refetch fails: the frame says that it is old. */
export function Loaded({ query, children }: LoadedProps) {
  if (query.isError && (query.data === undefined || GONE.includes(statusOf(query.error))))
    return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending && query.fetchStatus === 'paused') {
    return (
      <Notice icon={WifiOff} title="You are offline">
        This is loaded as soon as you are back.
      </Notice>
    );
  }
  return children;
}
