import { useLiveStorage } from 'dms-live-react';
import { useStorage } from '../api/storage.ts';
import { useFollowedUnit } from '../session/me.tsx';
import { useLatestDeed } from '../ui/use-latest-deed.ts';
import { isSame } from '../words/things.ts';

interface SameRackNoteProps {
  readonly unit: string;
  readonly room: string;
  readonly rack: string;
}

/** Says that there is a rack of this name already, also if a colleague adds it just now. The places would have the same names. */
export function SameRackNote({ unit, room, rack }: SameRackNoteProps) {
  const followed = useFollowedUnit(unit);
  useLiveStorage(followed);
  const places = useStorage(followed ?? '').data?.results;
  const there = places?.filter(
    (place) => isSame(place.unit_id, unit) && isLike(place.room_name, room) && isLike(place.rack_name, rack),
  );
  const deed = useLatestDeed('storage', there?.[0]?.id);
  const isThere = there !== undefined && there.length > 0;
  return (
    <p
      role="status"
      className={isThere ? 'rounded-md border-l-3 border-tone-amber bg-changed px-3 py-2' : 'sr-only'}
    >
      {isThere &&
        `This rack is there already, with ${there.length} places${deed}. New ones would have the same names.`}
    </p>
  );
}

function isLike(one: string | null, other: string): boolean {
  return other.trim() !== '' && one?.trim().toLowerCase() === other.trim().toLowerCase();
}
