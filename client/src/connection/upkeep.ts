import type { Connection } from './connection.ts';
import type { Link } from './link.ts';
import { renewSession } from './renew-session.ts';
import { keepRenewing } from './renewal.ts';
import { after } from './timer.ts';
import type { Tokens } from './tokens.ts';

export interface UpkeepOptions {
  readonly connection: Pick<Connection, 'replace'>;
  readonly tokens: Tokens;
  readonly renewBeforeMs: number;
  /** How often a WebSocket is tried while events come by SSE, in milliseconds; `undefined`: never. */
  readonly upgradeMs: number | undefined;
}

/** What is done for a link while it is open. Returns how to stop. */
export function keepUp(link: Link, token: string, options: UpkeepOptions): () => void {
  const { connection, tokens, renewBeforeMs, upgradeMs } = options;
  let isOver = false;
  const stopRenewing = keepRenewing(token, { renewBeforeMs, renew });
  const stopUpgrading =
    link.transport === 'sse' && upgradeMs !== undefined ? tryToUpgrade(options, upgradeMs) : undefined;

  /** A server renews the session of a WebSocket in place; a stream's lasts as long as its token, so a new one takes over. */
  async function renew(held: string): Promise<string> {
    const next = await tokens.insteadOf(held);
    if (isOver) throw new Error('The link is gone'); // nothing may take over from it any more
    if (next === held) throw new Error('getToken gave the token that is about to expire');
    if (link.isRenewable) await renewSession(link, next);
    else await connection.replace(link.transport, Promise.resolve(next));
    return next;
  }

  return () => {
    isOver = true;
    stopRenewing();
    stopUpgrading?.();
  };
}

/** The first time comes soon: it may have been a server's restart, and not the network, that broke the WebSocket. */
function tryToUpgrade({ connection, tokens }: UpkeepOptions, upgradeMs: number): () => void {
  let cancel = after(upgradeMs / 10, attempt);
  function attempt(): void {
    cancel = after(upgradeMs, attempt);
    connection.replace('websocket', tokens.current()).catch(() => undefined); // by SSE as before
  }
  return () => cancel();
}
