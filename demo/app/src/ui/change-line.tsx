import { type ChangedKind, useRecentlyChanged } from 'dms-live-react';
import { describeChange } from '../words/activity.ts';

interface ChangeLineProps {
  readonly id: string;
  readonly kind: ChangedKind;
}

/** Who did what to a row just now. Its line is there also while there is nothing to say. */
export function ChangeLine({ id, kind }: ChangeLineProps) {
  const change = useRecentlyChanged(id, { kind });
  return (
    <span role="status" className="block min-h-[1.45em]">
      {change !== undefined && `${describeChange(change)}, just now`}
    </span>
  );
}
