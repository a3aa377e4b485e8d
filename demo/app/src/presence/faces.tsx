import type { PresentUser } from 'dms-live-react';
import { actingFirst, describePeople, initialsOf } from './words.ts';

/** How many faces are drawn; the others are a number. */
const DRAWN = 3;

const CIRCLE =
  'inline-flex size-5 shrink-0 items-center justify-center rounded-full text-[9px] leading-none font-semibold';

/** Who is there, as circles with initials; somebody who is about to act is filled. */
export function Faces({ people }: { readonly people: readonly PresentUser[] }) {
  if (people.length === 0) return null;
  const drawn = actingFirst(people).slice(0, DRAWN);
  const more = people.length - drawn.length;
  return (
    <span
      role="img"
      aria-label={describePeople(people)}
      className="inline-flex shrink-0 items-center gap-0.5 align-middle"
    >
      {drawn.map((person) => (
        <span
          key={person.userId}
          aria-hidden
          className={`${CIRCLE} ${person.doing === 'ACTING' ? 'bg-fill text-white' : 'bg-line text-ink-soft'}`}
        >
          {initialsOf(person)}
        </span>
      ))}
      {more > 0 && (
        <span aria-hidden className={`${CIRCLE} bg-line text-ink-soft`}>
          +{more}
        </span>
      )}
    </span>
  );
}
