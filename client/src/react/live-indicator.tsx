'use client';

import type { ReactElement } from 'react';
import type { LiveStatus } from '../connection/types.ts';
import { useLiveClient } from './live-context.ts';
import { useLiveStatus } from './use-live-status.ts';

/** What is shown for a status. */
export type LiveLabels = Readonly<Record<LiveStatus['phase'] | 'disconnected' | 'retryNow', string>>;

const LABELS: LiveLabels = {
  idle: 'Idle',
  connecting: 'Connecting…',
  live: 'Live',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
  disconnected: 'Disconnected',
  'signed-out': 'Signed out',
  stopped: 'Stopped',
  retryNow: 'Retry now',
};

export interface LiveIndicatorProps {
  readonly className?: string;
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
 * second that passes. Style it by `className` and `data-phase` (`live`, `reconnecting`, …).
 */
export function LiveIndicator({
  className,
  retryButton = false,
  labels,
  formatWait = (seconds) => ` in ${seconds} s`,
}: LiveIndicatorProps): ReactElement {
  const client = useLiveClient();
  const status = useLiveStatus();
  const { phase, retryInSeconds } = status;
  const words = { ...LABELS, ...labels };
  const isDisconnected = phase === 'offline' && status.reason === 'disconnected';
  const canRetry = phase === 'reconnecting' || phase === 'offline' || phase === 'stopped';
  return (
    <span className={className} data-phase={phase}>
      <span role="status" aria-live="polite" title={explain(status)}>
        <span
          aria-hidden="true"
          style={{ ...DOT, background: phase === 'live' ? 'currentColor' : 'transparent' }}
        />
        {words[isDisconnected ? 'disconnected' : phase]}
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

/** More than fits, for a tooltip. */
function explain(status: LiveStatus): string | undefined {
  if (status.phase === 'live')
    return status.transport === 'sse'
      ? 'By server-sent events: WebSockets cannot be had here'
      : 'By WebSocket';
  return 'reason' in status && status.phase !== 'offline' ? status.reason : undefined;
}
