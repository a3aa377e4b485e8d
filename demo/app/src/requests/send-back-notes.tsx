import { useFreshness } from 'dms-live-react';
import { useSendBacks } from '../api/requests.ts';
import type { RequestRow, SendBackRow } from '../api/rows.ts';
import { Part } from '../ui/details.tsx';
import { describeWaiting } from '../ui/waiting.tsx';
import { nameOf } from '../words/things.ts';
import { fullTime } from '../words/time.ts';

interface SendBackProps {
  readonly request: RequestRow;
}

/** What was to be corrected, and who said so; nothing for a request that was never sent back. */
export function SendBackNotes({ request }: SendBackProps) {
  const query = useSendBacks(request);
  const waiting = describeWaiting('The notes', useFreshness(query));
  const notes = query.data?.results ?? [];
  if (notes.length === 0 && waiting === '') return null;
  return (
    <Part title="Sent back">
      <p className="text-ink-soft empty:hidden">{waiting}</p>
      <ul className="flex flex-col gap-3">
        {notes.map((note) => (
          <li key={note.id}>
            <Note note={note} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** What is to be corrected now. */
export function LatestNote({ request }: SendBackProps) {
  const query = useSendBacks(request);
  const waiting = describeWaiting('The notes', useFreshness(query));
  const [latest] = query.data?.results ?? [];
  return (
    <>
      {waiting !== '' && <p className="text-ink-soft">{waiting}</p>}
      {latest !== undefined && <Note note={latest} />}
    </>
  );
}

function Note({ note }: { readonly note: SendBackRow }) {
  const { reason, sendback_type, created_by, created_at } = note;
  return (
    <div className="border-l-2 border-tone-rust pl-3">
      <p>{reason}</p>
      <p className="text-xs text-ink-soft">
        {sendback_type}, {nameOf(created_by) || 'the system'}, {fullTime(created_at)}
      </p>
    </div>
  );
}
