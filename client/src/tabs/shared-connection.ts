import { type Connection, createConnection } from '../connection/connection.ts';
import type { SharedConnectionOptions } from '../connection/options.ts';
import { isOnline } from '../connection/page-signals.ts';
import { createStatusStore } from '../connection/status-store.ts';
import type { Browser } from './browser.ts';
import { type Group, joinGroup } from './group.ts';
import { scopeOf } from './scope.ts';

/** Tabs with another version of these messages do not share. */
const VERSION = 'dms-live tabs 1';

/**
 * A connection that the tabs of one user share: one tab leads, and opens it, with its own token. The others run their operations
 * over it. Each tab keeps its own cursors, so that another tab can take the lead at any moment and nothing is lost.
 * Where the token does not say whose it is, the tab has a connection of its own.
 */
export function createSharedConnection(options: SharedConnectionOptions, browser: Browser): Connection {
  const { store: shown, tokens } = options;
  const own = createStatusStore();
  let group: Group | undefined;
  let scope: string | undefined;
  /** It takes part, or is about to. */
  let isJoined = false;
  /** It has a connection of its own. */
  let isAlone = false;
  let isHeld = false;
  let joins = 0;
  let unwatch: (() => void) | undefined;

  const connection = createConnection({
    ...options,
    store: own,
    onLink(link, token) {
      if (group === undefined) options.onLink(link, token);
      else if (scopeOf(token) === scope) group.attach(link);
      else queueMicrotask(rejoin); // it is another user's, or says of another role: not for these tabs
    },
    onLinkGone() {
      if (group === undefined) options.onLinkGone();
      else group.detach();
    },
  });
  own.onStatus(() => {
    const { since: _, ...phase } = own.status;
    if (phase.phase === 'signed-out') {
      isHeld = true;
      leave(); // the other tabs find out by their own tokens
    }
    if (group !== undefined) group.setPhase(phase);
    else if (phase.phase !== 'idle') shown.enter(phase);
  });

  async function join(): Promise<void> {
    isJoined = true;
    joins += 1;
    const joining = joins;
    unwatch ??= browser.watchPage(away);
    own.enter({ phase: 'idle' });
    shown.enter({ phase: 'connecting', transport: options.choice.next });
    const read = await tokens.current().then(scopeOf, () => undefined);
    if (joining !== joins) return;
    scope = read;
    if (scope === undefined) return goAlone();
    try {
      group = joinGroup({
        ...options,
        browser,
        name: `${VERSION} ${options.url} ${scope}`,
        onLink: (link) => options.onLink(link, ''),
        show: shown.enter,
        lead: connection.reconnect,
        rest: connection.rest,
        hurry: connection.hurry,
        reconnect: connection.reconnect,
        onFull: goAlone,
        onNoLocks: goAlone,
      });
    } catch {
      goAlone(); // where it stores nothing for the site, a browser may refuse a channel, too
    }
  }

  function goAlone(): void {
    leave();
    connection.rest(); // the link that it opened for all, if it led
    isJoined = true;
    isAlone = true;
    connection.reconnect();
  }

  function leave(): void {
    joins += 1;
    isJoined = false;
    isAlone = false;
    const left = group;
    group = undefined;
    left?.leave();
  }

  /** Takes no part until it is asked to connect. */
  function pause(): void {
    leave();
    connection.rest();
    if (!isHeld) shown.enter({ phase: 'idle' });
  }

  function rejoin(): void {
    pause();
    void join();
  }

  /** A page that is frozen, or kept for the back button, could not lead. With a lock or an open channel it would not be kept. */
  function away(isAway: boolean): void {
    if (isAway) pause();
    else if (options.isWanted() && !isHeld && !isJoined) void join();
  }

  const leads = (): boolean => isAlone || group?.isLeading === true;

  return {
    get link() {
      return connection.link;
    },
    connect() {
      if (isHeld) return;
      if (!isJoined) void join();
      else if (leads()) connection.connect();
    },
    reconnect() {
      isHeld = false;
      if (!options.isWanted()) shown.enter({ phase: 'idle' });
      else if (!isJoined) void join();
      else if (leads()) connection.reconnect();
      else group?.reconnect();
    },
    hurry() {
      if (isHeld) return;
      if (leads()) connection.hurry();
      else group?.hurry();
    },
    replace: connection.replace,
    hold(reason) {
      // The tab that leads notices it, too. While there is a network, it is this page that is put away: see `away`.
      if (reason === 'browser' && (!leads() || isOnline())) return;
      if (reason === 'disconnected') {
        isHeld = true;
        leave();
      }
      connection.hold(reason);
    },
    end(reason, farewell) {
      if (shown.status.phase === 'signed-out') return;
      leave();
      connection.end(reason, farewell);
    },
    rest() {
      unwatch?.();
      unwatch = undefined;
      pause();
    },
  };
}
