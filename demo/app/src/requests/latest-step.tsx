import type { RequestRow } from '../api/rows.ts';
import { JustNow } from '../ui/just-now.tsx';
import { type Change, stepsOf } from '../words/activity.ts';
import { shortTime } from '../words/time.ts';

interface LatestStepProps {
  readonly request: RequestRow;
  readonly change: Change | undefined;
}

/** What a colleague did just now; otherwise the last step that the request has come. */
export function LatestStep({ request, change }: LatestStepProps) {
  if (change !== undefined) return <JustNow change={change} />;
  const last = stepsOf(request)
    .filter(({ isDone }) => isDone)
    .at(-1);
  if (last === undefined) return null;
  return (
    <span className="text-ink-soft">
      {last.label} {shortTime(last.at)}
    </span>
  );
}
