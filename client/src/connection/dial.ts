import { openEventStreams } from './event-streams.ts';
import { type Closing, type Link, type LinkEvents, LOST } from './link.ts';
import type { SendDocuments } from './sent-document.ts';
import type { Transport } from './types.ts';
import { openWebSocket, type SocketConstructor } from './websocket.ts';

export interface DialOptions {
  readonly endpoints: { readonly http: string; readonly websocket: string };
  readonly connectTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly webSocketImpl: SocketConstructor | undefined;
  readonly documents: SendDocuments;
}

export interface DialEvents {
  opened(link: Link, token: string): void;
  /** It could not be opened. */
  failed(closing: Closing): void;
  /** It was not tried: there is no token now. That says nothing of the network. */
  noToken(): void;
  /** It had been opened. */
  closed(link: Link, closing: Closing): void;
}

/** Opens a link of this kind with the token that is promised. Returns how to give up before it has opened. */
export type Dial = (transport: Transport, token: Promise<string>, events: DialEvents) => () => void;

export function createDial(options: DialOptions): Dial {
  const { endpoints, webSocketImpl, connectTimeoutMs, heartbeatMs, documents } = options;

  function open(transport: Transport, token: string, events: LinkEvents): Link {
    const common = { token, connectTimeoutMs, heartbeatMs, documents };
    if (transport === 'sse') return openEventStreams({ ...common, url: endpoints.http }, events);
    if (webSocketImpl === undefined) throw new Error('There is no WebSocket here: pass webSocketImpl.');
    return openWebSocket({ ...common, url: endpoints.websocket, webSocketImpl }, events);
  }

  return (transport, promised, events) => {
    let isGivenUp = false;
    let link: Link | undefined;
    let hasOpened = false;

    function begin(token: string): void {
      if (isGivenUp) return;
      const opening = open(transport, token, {
        opened() {
          hasOpened = true;
          events.opened(opening, token);
        },
        closed: (closing) => (hasOpened ? events.closed(opening, closing) : events.failed(closing)),
      });
      link = opening;
    }

    const noToken = (): void => {
      if (!isGivenUp) events.noToken();
    };
    promised.then(begin, noToken).catch(() => {
      if (!isGivenUp) events.failed(LOST); // no socket can be made
    });
    return () => {
      isGivenUp = true;
      if (!hasOpened) link?.close();
    };
  };
}
