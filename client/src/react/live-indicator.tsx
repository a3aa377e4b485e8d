'use client';

import type { ReactElement } from 'react';
import type { LiveStatus } from '../connection/types.ts';
import type { Freshness } from '../freshness/freshness.ts';
import { useLiveClient } from './live-context.ts';
import { useLiveStatus } from './use-live-status.ts';

/** What is shown for a status. */
export type LiveLabels = Readonly<Record<LiveStatus['phase'] | 'disconnected' | 'old' | 'retryNow', string>>;

const LABELS: LiveLabels = {
  idle: 'Idle',
  connecting: 'Connecting…',
  live: 'Live',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
  disconnected: 'Disconnected',
  old: 'Not live',
  'signed-out': 'Signed out',
  stopped: 'Stopped',
  retryNow: 'Retry now',
};

export interface LiveIndicatorProps {
  readonly className?: string;
  /**
   * Of what the screen shows, by `useFreshness`: while that is old or cannot be fetched, the indicator does not say “Live”, even if the connection is.
   * `data-freshness` has its state.
   */
  readonly freshness?: Freshness;
  /** Offers a button that connects at once, where that can help. Default: false. */
  readonly retryButton?: boolean;
  /** Other words, or another language. */
  readonly labels?: Partial<LiveLabels>;
  /** The seconds until the next attempt. Default: ` in 3 s`. */
  readonly formatWait?: (seconds: number) => string;
}

const DOT = {
  display: 'inline-block',
  width: '0.5em',
  height: '0.5em',
  marginInlineEnd: '0.5em',
  borderRadius: '50%',
  border: '0.1em solid currentColor',
  verticalAlign: 'baseline',
} as const;

/**
 * Says in words, and by a dot that is filled while live, how the connection is. Screen readers announce changes, but not each
 * second that passes. Style it by `className`, `data-phase` (`live`, `reconnecting`, …) and `data-freshness`.
 */
export function LiveIndicator({
  className,
  freshness,
  retryButton = false,
  labels,
  formatWait = (seconds) => ` in ${seconds} s`,
}: LiveIndicatorProps): ReactElement {
  const client = useLiveClient();
  const status = useLiveStatus();
  const { phase, retryInSeconds } = status;
  const words = { ...LABELS, ...labels };
  const isDisconnected = phase === 'offline' && status.reason === 'disconnected';
  const isOld = phase === 'live' && freshness !== undefined && isNotLive(freshness);
  const label = isDisconnected ? 'disconnected' : isOld ? 'old' : phase;
  const canRetry = phase === 'reconnecting' || phase === 'offline' || phase === 'stopped';
  return (
    <span className={className} data-phase={phase} data-freshness={freshness?.state}>
      <span role="status" aria-live="polite" title={isOld ? undefined : explain(status)}>
        <span
          aria-hidden="true"
          style={{ ...DOT, background: label === 'live' ? 'currentColor' : 'transparent' }}
        />
        {words[label]}
        {retryInSeconds !== undefined && <span aria-hidden="true">{formatWait(retryInSeconds)}</span>}
      </span>
      {retryButton && canRetry && (
        <button type="button" onClick={() => client.reconnect()} style={{ marginInlineStart: '0.5em' }}>
          {words.retryNow}
        </button>
      )}
    </span>
  );
}

/** What is shown is not what is so now, or nothing can be shown. */
const isNotLive = (freshness: Freshness): boolean =>
  freshness.state === 'old' || (freshness.state === 'waiting' && freshness.isLong);

/** More than fits, for a tooltip. */
function explain(status: LiveStatus): string | undefined {
  if (status.phase === 'live')
    return status.transport === 'sse'
      ? 'By server-sent events: WebSockets cannot be had here'
      : 'By WebSocket';
  return 'reason' in status && status.phase !== 'offline' ? status.reason : undefined;
}
