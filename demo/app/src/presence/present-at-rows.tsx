import { type PresentUser, usePresence } from 'dms-live-react';
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import type { Id } from '../api/rows.ts';
import { Faces } from './faces.tsx';
import { describePeople } from './words.ts';

type ByRow = ReadonlyMap<string, readonly PresentUser[]>;

const NOBODY: readonly PresentUser[] = [];
const ByRowContext = createContext<ByRow>(new Map());

interface PresentAtRowsProps {
  /** What the rows are, as the server calls it. */
  readonly kind: string;
  /** The unit that the table shows; empty: all that the user may see. */
  readonly unit: string;
  readonly children: ReactNode;
}

/** Knows who is at the rows of the table below it, by one subscription for all of them. */
export function PresentAtRows({ kind, unit, children }: PresentAtRowsProps) {
  const people = usePresence(kind, undefined, { unitId: unit || null });
  const byRow = useMemo(() => {
    const rows = new Map<string, readonly PresentUser[]>();
    for (const person of people) rows.set(person.objectId, [...(rows.get(person.objectId) ?? []), person]);
    return rows;
  }, [people]);
  return <ByRowContext.Provider value={byRow}>{children}</ByRowContext.Provider>;
}

interface RowFacesProps {
  readonly id: Id;
  readonly onOpen: () => void;
  readonly children: ReactNode;
}

/** A cell with the faces of those who are at its row, at its end. The row is opened by a click on them, too. */
export function RowFaces({ id, onOpen, children }: RowFacesProps) {
  const people = useContext(ByRowContext).get(String(id)) ?? NOBODY;
  if (people.length === 0) return children;
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span className="min-w-0 flex-1 truncate">{children}</span>
      <button
        type="button"
        tabIndex={-1}
        title={describePeople(people)}
        onClick={onOpen}
        className="relative z-1"
      >
        <Faces people={people} />
      </button>
    </span>
  );
}
