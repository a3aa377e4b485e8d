import { type PresentUser, useEditing, useLooking, usePresence } from 'dms-live-react';
import type { Id } from '../api/rows.ts';
import { Faces } from './faces.tsx';
import { describePeople } from './words.ts';

interface PresentLineProps {
  /** What it is, as the server calls it. */
  readonly kind: string;
  readonly id: Id;
  readonly unitId: Id;
}

/** Shows who else is at the open object, and others that the user is. Its line is kept free: what is below it does not move when somebody comes. */
export function PresentLine({ kind, id, unitId }: PresentLineProps) {
  useLooking(kind, id, { unitId });
  const people = usePresence(kind, id, { unitId });
  return (
    // On a phone the words need all the room, also below the sheet's closing button.
    <span
      role="status"
      className="flex h-5 min-w-0 items-center gap-1.5 max-sm:-mr-12 max-sm:*:aria-hidden:hidden"
    >
      <Sentence people={people} />
    </span>
  );
}

interface ActingLineProps extends PresentLineProps {
  /** What the user is about to do. */
  readonly action: string;
}

/** Shows others that the user is about to act, and the user who else is. */
export function ActingLine({ kind, id, unitId, action }: ActingLineProps) {
  useEditing(kind, id, action, { unitId });
  const people = usePresence(kind, id, { unitId }).filter(({ doing }) => doing === 'ACTING');
  return (
    <div role="status">
      {people.length > 0 && (
        <p className="flex min-w-0 items-center gap-2 rounded-md bg-changed px-2.5 py-1.5">
          <Sentence people={people} />
        </p>
      )}
    </div>
  );
}

function Sentence({ people }: { readonly people: readonly PresentUser[] }) {
  const words = describePeople(people);
  if (words === '') return null;
  return (
    <>
      <span aria-hidden>
        <Faces people={people} />
      </span>
      <span className="min-w-0 truncate" title={words}>
        {words}
      </span>
    </>
  );
}
