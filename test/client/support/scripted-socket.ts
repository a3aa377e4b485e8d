/** WebSockets in the process, to a server that a test scripts: for tests with a frozen clock. */
import type { SocketConstructor } from '../../../client/src/connection/websocket.ts';

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly query?: string };
}

/** A server that takes every token, renews every session, and has no events. */
export interface ScriptedServer {
  readonly webSocketImpl: SocketConstructor;
  /** While it is down, sockets cannot be opened. */
  isUp: boolean;
  /** How many sockets were tried. */
  readonly attempts: number;
  /** How many are open. */
  readonly open: number;
  /** Breaks the sockets that are open. */
  cut(): void;
}

const [OPEN, CLOSED] = [1, 3];

export function createScriptedServer(): ScriptedServer {
  const open = new Set<{ fail(): void }>();

  class ScriptedSocket {
    readyState = 0;
    onopen: ((event: object) => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onerror: ((event: object) => void) | null = null;
    onclose: ((event: { code: number; reason: string }) => void) | null = null;

    constructor() {
      server.attempts += 1;
      queueMicrotask(() => {
        if (this.readyState === CLOSED) return;
        if (!server.isUp) return this.fail();
        this.readyState = OPEN;
        open.add(this);
        this.onopen?.({});
      });
    }

    send(data: string): void {
      const { type, id, payload }: Message = JSON.parse(data);
      if (type === 'connection_init') this.#answer({ type: 'connection_ack' });
      if (type === 'ping') this.#answer({ type: 'pong' });
      if (type !== 'subscribe' || id === undefined) return;
      if (payload?.query?.includes('renewSession')) {
        this.#answer({ id, type: 'next', payload: { data: { renewSession: { id: '17' } } } });
        this.#answer({ id, type: 'complete' });
      } else this.#answer({ type: 'ping', payload: { cursors: { [id]: '1' } } });
    }

    close(code = 1000, reason = ''): void {
      if (this.readyState === CLOSED) return;
      this.readyState = CLOSED;
      open.delete(this);
      this.onclose?.({ code, reason });
    }

    fail(): void {
      this.onerror?.({});
      this.close(1006);
    }

    #answer(message: object): void {
      queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(message) }));
    }
  }

  const server = {
    webSocketImpl: ScriptedSocket,
    isUp: true,
    attempts: 0,
    get open() {
      return open.size;
    },
    cut() {
      for (const socket of [...open]) socket.fail();
    },
  };
  return server;
}
