import { usePresence } from 'dms-live-react';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Id } from '../api/rows.ts';
import { Faces } from './faces.tsx';
import { createPresentStore } from './present-store.ts';
import { describePeople } from './words.ts';

const StoreContext = createContext(createPresentStore());

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
  const [store] = useState(createPresentStore);
  useEffect(() => store.set(people), [store, people]);
  return <StoreContext.Provider value={store}>{children}</StoreContext.Provider>;
}

interface RowFacesProps {
  readonly id: Id;
  readonly onOpen: () => void;
  readonly children: ReactNode;
}

/** A cell with the faces of those who are at its row, at its end. The row is opened by a click on them, too. */
export function RowFaces({ id, onOpen, children }: RowFacesProps) {
  const store = useContext(StoreContext);
  const row = String(id);
  const watch = useCallback((listener: () => void) => store.watch(row, listener), [store, row]);
  const people = useSyncExternalStore(watch, () => store.get(row));
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
