import type { FreshnessNow } from 'dms-live-react';
import { CloudAlert, Hourglass, WifiOff } from 'lucide-react';
import { describeError } from '../api/http.ts';
import { clockOrDay } from '../words/time.ts';
import { Notice } from './notice.tsx';
import { PassingButton } from './passing-button.tsx';

type WaitingFreshness = Extract<FreshnessNow, { readonly state: 'waiting' }>;

/** Stands where a skeleton has stood for too long: why there is nothing yet, what happens next, and a way to hurry it. */
export function Waiting({ freshness }: { readonly freshness: WaitingFreshness }) {
  const { why, since, error, retry } = freshness;
  if (why === 'offline') {
    return (
      <Notice icon={WifiOff} title="You are offline">
        This is loaded as soon as you are back.
      </Notice>
    );
  }
  const action = <PassingButton onClick={retry}>Try again</PassingButton>;
  if (why !== 'failed') {
    return (
      <Notice icon={Hourglass} title="The server is slow" action={action}>
        No answer since {clockOrDay(since)}. This appears as soon as it comes.
      </Notice>
    );
  }
  return (
    <Notice icon={CloudAlert} title="This could not be loaded" action={action}>
      {error != null && describeError(error)} It is tried again by itself.
    </Notice>
  );
}

/** The same in one line, for lists in forms; empty while there is nothing to say. */
export function describeWaiting(what: string, freshness: FreshnessNow): string {
  if (freshness.state === 'refused') return `${what} cannot be shown. ${describeError(freshness.error)}`;
  if (freshness.state === 'old') return `${what} as of ${clockOrDay(freshness.asOf)}.`;
  if (freshness.state !== 'waiting' || !freshness.isLong) return '';
  if (freshness.why === 'offline') return `${what} cannot be loaded: you are offline.`;
  if (freshness.why === 'failed') return `${what} could not be loaded. Trying again…`;
  return `${what} are still loading: the server is slow.`;
}
