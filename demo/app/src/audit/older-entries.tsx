import type { UseMutationResult } from '@tanstack/react-query';
import { describeError } from '../api/http.ts';
import type { AuditRow, Page } from '../api/rows.ts';
import { PassingButton } from '../ui/passing-button.tsx';

interface OlderProps {
  readonly page: Page<AuditRow>;
  readonly older: Pick<
    UseMutationResult<Page<AuditRow>, Error, AuditRow>,
    'mutate' | 'isPending' | 'isError' | 'error'
  >;
}

/** How far back the trail is loaded, and the way further. */
export function OlderEntries({ page: { count, results }, older }: OlderProps) {
  const last = results.at(-1);
  if (last === undefined || results.length >= count) return null;
  return (
    <div className="flex flex-wrap items-center gap-3 pt-3">
      <PassingButton disabled={older.isPending} onClick={() => older.mutate(last)}>
        {older.isPending ? 'Loading…' : 'Load older entries'}
      </PassingButton>
      <span className="text-ink-soft" role="status">
        {older.isError
          ? describeError(older.error)
          : `${results.length.toLocaleString('en')} of ${count.toLocaleString('en')} are shown.`}
      </span>
    </div>
  );
}
