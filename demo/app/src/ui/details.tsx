import type { ReactNode } from 'react';

/** A titled part of a panel. */
export function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="border-t border-line pt-3.5 first:border-t-0 first:pt-0">
      <h3 className="mb-2 text-xs font-medium text-ink-faint">{title}</h3>
      {children}
    </section>
  );
}

/** Names and values, one pair a line. What has no value has no line. */
export function Details({ items }: { readonly items: Readonly<Record<string, ReactNode>> }) {
  return (
    <dl className="grid grid-cols-[8.5rem_1fr] gap-y-0.5">
      {Object.entries(items)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name} className="contents *:leading-6">
            <dt className="text-ink-soft">{name}</dt>
            <dd className="min-w-0">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Holds the place of a panel's contents while they are on their way. */
export function DetailsSkeleton() {
  return (
    <div aria-busy className="flex flex-col gap-3 pt-1">
      {['w-2/3', 'w-1/2', 'w-3/4', 'w-2/5', 'w-3/5'].map((width) => (
        <div key={width} className={`h-2.5 rounded bg-line/60 ${width}`} />
      ))}
    </div>
  );
}
