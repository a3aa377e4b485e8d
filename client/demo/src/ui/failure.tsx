import { CircleSlash, CloudAlert } from 'lucide-react';
import { describeError, isForbidden } from '../api/http.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

interface FailureProps {
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** A query failed: said in words, with what can be done. */
export function Failure({ error, onRetry }: FailureProps) {
  if (isForbidden(error)) {
    return (
      <Notice icon={CircleSlash} title="Not for your role">
        {describeError(error)}
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
