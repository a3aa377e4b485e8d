import type { Connection } from '../connection/connection.ts';
import type { SharedConnectionOptions } from '../connection/options.ts';
import type { StatusStore } from '../connection/status-store.ts';
import type { Browser } from './browser.ts';
import { type Group, joinGroup } from './group.ts';
import { scopeOf } from './scope.ts';

/** Tabs with another version of these messages do not share. */
const VERSION = 'dms-live tabs 1';

/** What part a tab takes among those that share a connection. */
export interface Membership {
  /** Where it is one of several tabs, or may be. */
  readonly group: Group | undefined;
  /** It takes part, or is about to; or it has a connection of its own. */
  readonly isJoined: boolean;
  /** Whether its own connection is the one that is used. */
  readonly leads: boolean;
  /** It is alone only because there was no token when it was to join, and this one will do. */
  canJoin(token: string): boolean;
  /** Whether a token says the same of the user as the one by which the tab has joined. */
  covers(token: string): boolean;
  /** @param token one that the server has just accepted; else the app is asked. */
  join(token?: string): Promise<void>;
  leave(): void;
}

/** @param own the status of the tab's own connection. */
export function createMembership(
  options: SharedConnectionOptions,
  browser: Browser,
  own: Pick<StatusStore, 'enter'>,
  connection: () => Pick<Connection, 'reconnect' | 'rest' | 'hurry'>,
): Membership {
  const { store: shown, tokens } = options;
  let group: Group | undefined;
  let scope: string | undefined;
  let isJoined = false;
  /** It has a connection of its own. */
  let isAlone = false;
  /** It could not join, since `getToken` gave no token. */
  let lacksToken = false;
  let joins = 0;

  async function join(accepted?: string): Promise<void> {
    isJoined = true;
    joins += 1;
    const joining = joins;
    own.enter({ phase: 'idle' });
    shown.enter({ phase: 'connecting', transport: options.choice.next });
    const token = accepted ?? (await tokens.current().catch(() => ''));
    if (joining !== joins) return;
    scope = scopeOf(token);
    if (scope === undefined) {
      goAlone();
      lacksToken = !token;
      return;
    }
    const { reconnect, rest, hurry } = connection();
    try {
      group = joinGroup({
        ...options,
        browser,
        name: `${VERSION} ${options.documents} ${options.url} ${scope}`,
        onLink: (link) => options.onLink(link, ''),
        show: shown.enter,
        lead: reconnect,
        rest,
        hurry,
        reconnect,
        onFull: goAlone,
        onNoLocks: goAlone,
      });
    } catch {
      goAlone(); // where it stores nothing for the site, a browser may refuse a channel, too
    }
  }

  function goAlone(): void {
    leave();
    const { rest, reconnect } = connection();
    rest(); // the link that it opened for all, if it led
    isJoined = true;
    isAlone = true;
    reconnect();
  }

  function leave(): void {
    joins += 1;
    isJoined = false;
    isAlone = false;
    lacksToken = false;
    const left = group;
    group = undefined;
    left?.leave();
  }

  return {
    get group() {
      return group;
    },
    get isJoined() {
      return isJoined;
    },
    get leads() {
      return isAlone || group?.isLeading === true;
    },
    canJoin: (token) => lacksToken && scopeOf(token) !== undefined,
    covers: (token) => scopeOf(token) === scope,
    join,
    leave,
  };
}
