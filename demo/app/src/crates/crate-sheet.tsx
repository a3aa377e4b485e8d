import { useState } from 'react';
import { useCrate } from '../api/crates.ts';
import type { CrateRow } from '../api/rows.ts';
import { setParams } from '../place/place.ts';
import { PresentLine } from '../presence/present-line.tsx';
import { mayKeepStore } from '../requests/abilities.ts';
import { useMe } from '../session/me.tsx';
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
  return (
    <Sheet
      title={`Crate ${id}`}
      description={
        <span className="flex min-h-5 items-center *:not-empty:mr-2">
          <ChangeLine id={id} kind="crate" />
          {crate.data && <PresentLine kind="crate" id={id} unitId={crate.data.unit_id} />}
        </span>
      }
      onClose={() => setParams({ open: '' })}
    >
      <Loaded query={crate}>
        {crate.data === undefined ? <DetailsSkeleton /> : <CrateDetails crate={crate.data} />}
      </Loaded>
    </Sheet>
  );
}

function CrateDetails({ crate }: { readonly crate: CrateRow }) {
  const canMove = mayKeepStore(useMe()) && crate.status !== 'Destroyed';
  const [isMoving, setMoving] = useState(false);
  return (
    <div className="flex flex-col gap-4">
      {canMove && (
        <div>
          <Button look="primary" onClick={() => setMoving(true)}>
            Relocate
          </Button>
        </div>
      )}
      <CrateSummary crate={crate} />
      {isMoving && <RelocateDialog crate={crate} onClose={() => setMoving(false)} />}
    </div>
  );
}
