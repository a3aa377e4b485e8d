import { useCallback } from 'react';
import type { CrateRow, Id, StorageRow } from '../api/rows.ts';
import { addressOf, usePlace } from '../place/place.ts';
import { classes } from '../ui/classes.ts';
import { describePlace, labelOf } from '../words/things.ts';
import type { Room } from './places.ts';

interface RoomCardProps {
  readonly room: Room;
  readonly byPlace: ReadonlyMap<string, readonly CrateRow[]>;
  /** The ids of the places that are no longer there: they stay for as long as somebody reads. */
  readonly gone: ReadonlySet<Id>;
  /** For those who see more than one unit. */
  readonly withUnit: boolean;
}

/** A room with its racks, and on each shelf what stands there. */
export function RoomCard({ room, byPlace, gone, withUnit }: RoomCardProps) {
  return (
    <section className="rounded-lg border border-line bg-surface" aria-label={room.name}>
      <header className="flex items-baseline gap-2 border-b border-line px-4 py-2">
        <h2 className="min-w-0 font-semibold break-words">{room.name}</h2>
        {withUnit && <span className="text-ink-soft">Unit {room.unit}</span>}
        <span className="ml-auto shrink-0 text-xs text-ink-faint">{room.size} places</span>
      </header>
      <dl className="grid grid-cols-[fit-content(min(12rem,40%))_1fr] divide-y divide-line">
        {room.racks.map(({ name, places }) => (
          <div key={name} className="col-span-2 grid grid-cols-subgrid gap-3 px-4 py-2.5">
            <dt className="min-w-0 leading-7 break-words text-ink-soft">{name}</dt>
            <dd>
              <ul className="flex flex-wrap gap-1.5">
                {places.map((place) =>
                  gone.has(place.id) ? (
                    <GoneShelf key={place.id} place={place} />
                  ) : (
                    <Shelf key={place.id} place={place} crates={byPlace.get(String(place.id)) ?? []} />
                  ),
                )}
              </ul>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Always as wide, so that nothing moves when a crate comes or goes. */
const SHELF = 'flex h-7 w-28 items-center max-md:h-10 justify-between rounded-md border px-2 text-xs';

function GoneShelf({ place }: { readonly place: StorageRow }) {
  return (
    <li
      className={classes(SHELF, 'border-transparent text-ink-faint')}
      title={`${describePlace(place)}: no longer there`}
    >
      <s>{labelOf(place)}</s>
      <span className="italic">gone</span>
    </li>
  );
}

interface ShelfProps {
  readonly place: StorageRow;
  readonly crates: readonly CrateRow[];
}

/** A link has asked for a place: it is brought into view, and stands out. */
function useLinked(place: StorageRow) {
  const isLinked = usePlace().param('open') === String(place.id);
  const show = useCallback((shelf: HTMLLIElement | null) => shelf?.scrollIntoView({ block: 'center' }), []);
  return isLinked ? { ref: show, 'aria-current': true, className: LINKED } : {};
}

const LINKED = 'rounded-md outline-2 outline-offset-2 outline-accent';

function Shelf({ place, crates }: ShelfProps) {
  const linked = useLinked(place);
  const [crate, ...others] = crates;
  if (crate === undefined) {
    return (
      <li
        {...linked}
        className={classes(SHELF, 'border-dashed border-line-strong/60 text-ink-faint', linked.className)}
        title={`${describePlace(place)}: free`}
      >
        {labelOf(place)}
        <span className="sr-only"> free</span>
      </li>
    );
  }
  return (
    <li {...linked}>
      <a
        href={addressOf('crates', { open: String(crate.id) })}
        title={`${describePlace(place)}: crate ${crates.map(({ id }) => id).join(', ')}`}
        className={classes(SHELF, 'border-accent/40 bg-accent-soft hover:border-accent')}
      >
        <span>{labelOf(place)}</span>
        <span className="font-medium text-accent">
          {crate.id}
          {others.length > 0 && ` +${others.length}`}
        </span>
      </a>
    </li>
  );
}
