import type { RequestDeed } from '../api/requests.ts';
import type { RequestRow } from '../api/rows.ts';
import { useMe } from '../session/me.tsx';
import { Button } from '../ui/button.tsx';
import { deedsFor, mayCorrect } from './abilities.ts';
import { DeedDialog } from './deed-dialog.tsx';
import { DEEDS } from './deeds.ts';
import { CorrectDialog } from './draft-dialog.tsx';

/** What a user is about to do with a request. */
export type Doing = RequestDeed | 'correct';

interface RequestActionsProps {
  readonly request: RequestRow;
  readonly onAct: (doing: Doing) => void;
}

/** What the user may do with a request. */
export function RequestActions({ request, onAct }: RequestActionsProps) {
  const me = useMe();
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      {deedsFor(me, request).map((deed) => (
        <Button key={deed} look={DEEDS[deed].look} onClick={() => onAct(deed)}>
          {DEEDS[deed].label}
        </Button>
      ))}
      {mayCorrect(me, request) && (
        <Button look="primary" onClick={() => onAct('correct')}>
          Correct
        </Button>
      )}
    </div>
  );
}

interface RequestDialogProps {
  readonly request: RequestRow;
  readonly doing: Doing;
  /** The request is not there any more, or not this unit's. */
  readonly isGone: boolean;
  readonly onClose: () => void;
}

/** The dialog of what a user is about to do. */
export function RequestDialog({ doing, ...dialog }: RequestDialogProps) {
  return doing === 'correct' ? <CorrectDialog {...dialog} /> : <DeedDialog {...dialog} deed={doing} />;
}
