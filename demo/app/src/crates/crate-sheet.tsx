import { useLiveCrates } from 'dms-live-react';
import { useState } from 'react';
import { useCrate } from '../api/crates.ts';
import { hasGone } from '../api/http.ts';
import type { CrateRow } from '../api/rows.ts';
import { setParams } from '../place/place.ts';
import { PresentLine } from '../presence/present-line.tsx';
import { mayKeepStore } from '../requests/abilities.ts';
import { useMe } from '../session/me.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Button } from '../ui/button.tsx';
import { ChangeLine } from '../ui/change-line.tsx';
import { DetailsSkeleton } from '../ui/details.tsx';
import { Sheet } from '../ui/dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { CrateSummary } from './crate-summary.tsx';
import { RelocateDialog } from './relocate-dialog.tsx';

/** All about one crate. */
export function CrateSheet({ id }: { readonly id: string }) {
  const crate = useCrate(id);
  const live = useLiveCrates(useUnit() || undefined);
  const [isMoving, setMoving] = useState(false);
  const row = crate.data;
  return (
    <Sheet
      title={`Crate ${id}`}
      description={
        <>
          <ChangeLine id={id} kind="crate">
            {row && `Unit ${row.unit_id}`}
          </ChangeLine>
          {row && <PresentLine kind="crate" id={id} unitId={row.unit_id} />}
        </>
      }
      onClose={() => setParams({ open: '' })}
    >
      <Loaded query={crate} live={[live]}>
        {row === undefined ? (
          <DetailsSkeleton />
        ) : (
          <CrateDetails crate={row} onMove={() => setMoving(true)} />
        )}
      </Loaded>
      {/* It stays also if the crate has gone meanwhile: what was typed must not vanish. */}
      {isMoving && row !== undefined && (
        <RelocateDialog crate={row} isGone={hasGone(crate)} onClose={() => setMoving(false)} />
      )}
    </Sheet>
  );
}

interface CrateDetailsProps {
  readonly crate: CrateRow;
  readonly onMove: () => void;
}

function CrateDetails({ crate, onMove }: CrateDetailsProps) {
  const canMove = mayKeepStore(useMe()) && crate.status !== 'Destroyed';
  return (
    <div className="flex flex-col gap-4">
      {canMove && (
        <div>
          <Button look="primary" onClick={onMove}>
            Relocate
          </Button>
        </div>
      )}
      <CrateSummary crate={crate} />
    </div>
  );
}
