import type { UseQueryResult } from '@tanstack/react-query';
import { WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { Failure } from './failure.tsx';
import { Notice } from './notice.tsx';

interface LoadedProps {
  readonly query: Pick<UseQueryResult, 'isError' | 'isPending' | 'error' | 'refetch' | 'fetchStatus'>;
  /** What is there, or the room it will take. */
  readonly children: ReactNode;
}

/** Shows what a query got, or why it got nothing. */
export function Loaded({ query, children }: LoadedProps) {
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending && query.fetchStatus === 'paused') {
    return (
      <Notice icon={WifiOff} title="You are offline">
        This is loaded as soon as you are back.
      </Notice>
    );
  }
  return children;
}
