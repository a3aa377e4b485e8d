import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface NoticeProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  /** What can be done about it. */
  readonly action?: ReactNode;
}

/** Stands where content would: nothing there, refused, failed. */
export function Notice({ icon: Icon, title, children, action }: NoticeProps) {
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center gap-1.5 px-6 py-16 text-center">
      <Icon aria-hidden className="mb-1 size-6 text-ink-faint" strokeWidth={1.5} />
      <p className="text-sm font-semibold">{title}</p>
      <div className="text-ink-soft">{children}</div>
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  );
}
