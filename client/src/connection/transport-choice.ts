import type { LiveClientOptions } from './options.ts';
import type { Transport } from './types.ts';

export interface TransportChoice {
  /** What to try next. */
  readonly next: Transport;
  /** It could not be opened. Returns whether something else is worth a try at once. */
  failed(transport: Transport): boolean;
  /** It has opened. */
  opened(transport: Transport): void;
  /** The network may be another one: WebSocket again. */
  reset(): void;
  /** Whether a WebSocket is worth another try while events come by SSE. */
  readonly mayUpgrade: boolean;
}

/** How often a WebSocket must fail in a row until SSE is tried. */
const PATIENCE = 2;

/**
 * Chooses WebSocket, and SSE after two WebSockets in a row could not be opened. SSE begins with a plain query. If that fails too,
 * the server is down, and it is not the network that breaks WebSockets.
 */
export function chooseTransport(mode: NonNullable<LiveClientOptions['transport']>): TransportChoice {
  let failures = 0;
  const next = (): Transport => {
    if (mode !== 'auto') return mode;
    return failures < PATIENCE ? 'websocket' : 'sse';
  };
  return {
    get next() {
      return next();
    },
    failed(transport) {
      failures = transport === 'websocket' ? failures + 1 : PATIENCE - 1; // neither works: WebSocket has the next turn
      return next() === 'sse' && transport === 'websocket';
    },
    opened(transport) {
      failures = transport === 'websocket' ? 0 : PATIENCE;
    },
    reset() {
      failures = 0;
    },
    mayUpgrade: mode === 'auto',
  };
}
