import { useLiveCrates, useLiveStorage } from 'dms-live-react';
import { Plus, Warehouse } from 'lucide-react';
import { useState } from 'react';
import { useCrates } from '../api/crates.ts';
import { useStorage } from '../api/storage.ts';
import { mayKeepStore } from '../requests/abilities.ts';
import { isAdmin, useMe } from '../session/me.tsx';
import { ScreenFrame } from '../shell/screen-frame.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Button } from '../ui/button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { NewRowsPill } from '../ui/new-rows-pill.tsx';
import { Notice } from '../ui/notice.tsx';
import { listName, useSteadyList } from '../ui/use-steady-list.ts';
import { asShown, cratesByPlace, groupByRoom } from './places.ts';
import { RackDialog } from './rack-dialog.tsx';
import { RoomCard } from './room-card.tsx';

export function StorageScreen() {
  const me = useMe();
  const unit = useUnit();
  const liveStorage = useLiveStorage(unit || undefined);
  const liveCrates = useLiveCrates(unit || undefined);
  const places = useStorage(unit);
  const crates = useCrates({ status: '', unit });
  const [isBuilding, setBuilding] = useState(false);
  const byPlace = cratesByPlace(crates.data?.results ?? []);
  const steady = useSteadyList(asShown(places.data?.results ?? []), { list: listName(places, [unit]) });
  const gone = new Set(steady.rows.flatMap(({ row, isGone }) => (isGone ? [row.id] : [])));
  // Until the crates are known, no place is shown as free.
  const rooms = crates.data === undefined ? [] : groupByRoom(steady.rows.map(({ row }) => row));
  const taken = places.data?.results.filter(({ id }) => byPlace.has(String(id))).length ?? 0;

  return (
    <ScreenFrame
      title="Storage"
      count={places.data && crates.data && `${taken} of ${places.data.count} taken`}
      queries={[places, crates]}
      live={[liveStorage, liveCrates]}
      toolbar={
        <>
          <Legend />
          {mayKeepStore(me) && (
            <Button look="primary" className="ml-auto" onClick={() => setBuilding(true)}>
              <Plus aria-hidden className="size-4" />
              Add a rack
            </Button>
          )}
        </>
      }
    >
      <Loaded query={places}>
        {places.data?.count === 0 && (
          <Notice icon={Warehouse} title="No storage places yet">
            {mayKeepStore(me)
              ? 'Add a rack to make some.'
              : 'The Store Head makes them. They appear here then.'}
          </Notice>
        )}
        <Loaded query={crates}>
          <div
            ref={steady.ref}
            className="grid items-start gap-4 xl:grid-cols-2"
            aria-busy={places.isPending || crates.isPending}
          >
            {rooms.map((room) => (
              <RoomCard
                key={`${room.unit} ${room.name}`}
                room={room}
                byPlace={byPlace}
                gone={gone}
                withUnit={isAdmin(me)}
              />
            ))}
          </div>
        </Loaded>
      </Loaded>
      <NewRowsPill waiting={steady.waiting} onShow={steady.showNewest} />
      {isBuilding && <RackDialog onClose={() => setBuilding(false)} />}
    </ScreenFrame>
  );
}

function Legend() {
  return (
    <p className="flex items-center gap-4 text-ink-soft">
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden className="size-3 rounded-sm border border-accent/40 bg-accent-soft" /> Taken, with
        its crate
      </span>
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden className="size-3 rounded-sm border border-dashed border-line-strong" /> Free
      </span>
    </p>
  );
}
