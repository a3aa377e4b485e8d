const DOTS = {
  amber: 'bg-tone-amber',
  rust: 'bg-tone-rust',
  blue: 'bg-tone-blue',
  violet: 'bg-tone-violet',
  teal: 'bg-tone-teal',
  red: 'bg-tone-red',
  grey: 'bg-tone-grey',
};

export type Tone = keyof typeof DOTS;

/** A status: the word says it, the colour only helps to find it. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <span className="inline-flex h-6 items-center align-middle gap-1.5 rounded-full border border-line bg-raised pr-2.5 pl-2 whitespace-nowrap">
      <span aria-hidden className={`size-2 rounded-full ${DOTS[tone]}`} />
      {children}
    </span>
  );
}
