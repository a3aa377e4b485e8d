import { CircleSlash, SearchX } from 'lucide-react';
import { describeError, statusOf } from '../api/http.ts';
import { Notice } from './notice.tsx';

/** The DMS has refused something: said in words. */
export function Failure({ error }: { readonly error: unknown }) {
  if (statusOf(error) === 403) {
    return (
      <Notice icon={CircleSlash} title="Not for your role">
        {describeError(error)}
      </Notice>
    );
  }
  return (
    <Notice icon={SearchX} title="Not found">
      It no longer exists, or it belongs to another unit.
    </Notice>
  );
}
