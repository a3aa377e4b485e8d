import { useLiveClient, useLiveStatus } from 'dms-live-react';
import { Button } from '../ui/button.tsx';
import { Details } from '../ui/details.tsx';
import { clockWithSeconds } from '../words/time.ts';
import { useEventCount } from './event-count.tsx';

const PHASES = {
  idle: 'Not needed on this screen',
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
  'signed-out': 'Signed out',
  stopped: 'Stopped',
} as const;

const TRANSPORTS = { websocket: 'WebSocket', sse: 'Server-sent events' } as const;

/** What is known of the connection, and the means to cut it and to bring it back. */
export function ConnectionDetails() {
  const client = useLiveClient();
  const status = useLiveStatus();
  const events = useEventCount();
  const isCut = status.phase === 'offline' && status.reason === 'disconnected';
  return (
    <div className="flex flex-col gap-3">
      <Details
        items={{
          Connection: PHASES[status.phase],
          Since: clockWithSeconds(status.since),
          'Connected by': 'transport' in status ? TRANSPORTS[status.transport] : '',
          'Next attempt': status.retryInSeconds === undefined ? '' : `in ${status.retryInSeconds} s`,
          'Changes received': events,
        }}
      />
      {isCut || status.phase === 'reconnecting' || status.phase === 'stopped' ? (
        <Button look="primary" onClick={() => client.reconnect()}>
          Reconnect
        </Button>
      ) : (
        <Button onClick={() => client.disconnect()}>Cut connection</Button>
      )}
      <p className="text-xs text-ink-faint">
        Whatever happens while the connection is cut is delivered when it is back.
      </p>
    </div>
  );
}
