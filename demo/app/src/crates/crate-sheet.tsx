import { useLiveCrates } from 'dms-live-react';
import { useState } from 'react';
import { useCrate } from '../api/crates.ts';
import type { CrateRow } from '../api/rows.ts';
import { setParams } from '../place/place.ts';
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
  return (
    <Sheet
      title={`Crate ${id}`}
      description={<ChangeLine id={id} kind="crate" />}
      onClose={() => setParams({ open: '' })}
    >
      <Loaded query={crate} live={[live]}>
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
