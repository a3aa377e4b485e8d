import { CircleSlash, CloudAlert, SearchX } from 'lucide-react';
import { describeError, statusOf } from '../api/http.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

interface FailureProps {
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** A query failed: said in words, with what can be done. */
export function Failure({ error, onRetry }: FailureProps) {
  const status = statusOf(error);
  if (status === 403) {
    return (
      <Notice icon={CircleSlash} title="Not for your role">
        {describeError(error)}
      </Notice>
    );
  }
  if (status === 404) {
    return (
      <Notice icon={SearchX} title="Not found">
        It no longer exists, or it belongs to another unit.
      </Notice>
    );
  }
  return (
    <Notice
      icon={CloudAlert}
      title="This could not be loaded"
      action={<Button onClick={onRetry}>Try again</Button>}
    >
      {describeError(error)}
    </Notice>
  );
}
