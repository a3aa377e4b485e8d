import { type ChangedKind, useRecentlyChanged } from 'dms-live-react';
import type { ReactNode } from 'react';
import { describeChange } from '../words/activity.ts';

interface ChangeLineProps {
  readonly id: string;
  readonly kind: ChangedKind;
  /** What the line says while nothing has changed. */
  readonly children: ReactNode;
}

/** Who did what to a row just now; otherwise what it is. */
export function ChangeLine({ id, kind, children }: ChangeLineProps) {
  const change = useRecentlyChanged(id, { kind });
  return (
    <span className="block min-h-[1.45em] truncate">
      <span role="status" className="font-medium text-ink">
        {change !== undefined && `${describeChange(change)}, just now`}
      </span>
      {change === undefined && children}
    </span>
  );
}
