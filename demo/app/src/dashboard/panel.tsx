import type { ReactNode } from 'react';

interface PanelProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** A titled part of the dashboard. */
export function Panel({ title, children }: PanelProps) {
  return (
    <section aria-label={title} className="rounded-lg border border-line bg-surface pt-3 pb-2">
      <h2 className="mb-2 px-4 font-semibold">{title}</h2>
      {children}
    </section>
  );
}
