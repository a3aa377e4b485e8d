import { useState } from 'react';
import type { RequestDeed } from '../api/requests.ts';
import type { RequestRow } from '../api/rows.ts';
import { useMe } from '../session/me.tsx';
import { Button } from '../ui/button.tsx';
import { deedsFor, mayCorrect } from './abilities.ts';
import { DeedDialog } from './deed-dialog.tsx';
import { DEEDS } from './deeds.ts';
import { DraftDialog } from './draft-dialog.tsx';

/** What the user may do with a request. It takes its room also where that is nothing, so that the panel does not jump. */
export function RequestActions({ request }: { readonly request: RequestRow }) {
  const me = useMe();
  const [doing, setDoing] = useState<RequestDeed | 'correct'>();
  const deeds = deedsFor(me, request);
  const canCorrect = mayCorrect(me, request);
  const close = () => setDoing(undefined);
  return (
    <div className="flex min-h-8 items-center gap-2">
      {deeds.map((deed) => (
        <Button key={deed} look={DEEDS[deed].look} onClick={() => setDoing(deed)}>
          {DEEDS[deed].label}
        </Button>
      ))}
      {canCorrect && (
        <Button look="primary" onClick={() => setDoing('correct')}>
          Correct
        </Button>
      )}
      {deeds.length === 0 && !canCorrect && (
        <p className="text-ink-faint">Nothing for you to do in this state.</p>
      )}
      {doing === 'correct' && <DraftDialog request={request} onClose={close} />}
      {doing !== undefined && doing !== 'correct' && (
        <DeedDialog request={request} deed={doing} onClose={close} />
      )}
    </div>
  );
}
