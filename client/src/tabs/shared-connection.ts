import { type Connection, createConnection } from '../connection/connection.ts';
import type { SharedConnectionOptions } from '../connection/options.ts';
import { isOnline } from '../connection/page-signals.ts';
import { createStatusStore } from '../connection/status-store.ts';
import type { Browser } from './browser.ts';
import { createMembership } from './membership.ts';

/**
 * A connection that the tabs of one user share: one tab leads, and opens it, with its own token. The others run their operations
 * over it. Each tab keeps its own cursors, so that another tab can take the lead at any moment and nothing is lost.
 * Where the token does not say whose it is, the tab has a connection of its own.
 */
export function createSharedConnection(options: SharedConnectionOptions, browser: Browser): Connection {
  const { store: shown } = options;
  const own = createStatusStore();
  const member = createMembership(options, browser, own, () => connection);
  let isHeld = false;
  let unwatch: (() => void) | undefined;

  const connection = createConnection({
    ...options,
    store: own,
    onLink(link, token) {
      if (member.group === undefined && member.canJoin(token)) queueMicrotask(() => rejoin(token));
      else if (member.group === undefined) options.onLink(link, token);
      else if (member.covers(token)) member.group.attach(link);
      else queueMicrotask(() => rejoin(token)); // it is another user's, or says of another role: not for these tabs
    },
    onLinkGone() {
      if (member.group === undefined) options.onLinkGone();
      else member.group.detach();
    },
  });
  own.onStatus(() => {
    const { since: _, ...phase } = own.status;
    if (phase.phase === 'signed-out') {
      isHeld = true;
      member.leave(); // the other tabs find out by their own tokens
    }
    if (member.group !== undefined) member.group.setPhase(phase);
    else if (phase.phase !== 'idle') shown.enter(phase);
  });

  function join(token?: string): void {
    unwatch ??= browser.watchPage(away);
    void member.join(token);
  }

  /** Takes no part until it is asked to connect. */
  function pause(): void {
    member.leave();
    connection.rest();
    if (!isHeld) shown.enter({ phase: 'idle' });
  }

  function rejoin(token: string): void {
    pause();
    join(token);
  }

  /** A page that is frozen, or kept for the back button, could not lead. With a lock or an open channel it would not be kept. */
  function away(isAway: boolean): void {
    if (isAway) pause();
    else if (options.isWanted() && !isHeld && !member.isJoined) join();
  }

  return {
    get link() {
      return connection.link;
    },
    connect() {
      if (isHeld) return;
      if (!member.isJoined) join();
      else if (member.leads) connection.connect();
    },
    reconnect() {
      isHeld = false;
      if (!options.isWanted()) shown.enter({ phase: 'idle' });
      else if (!member.isJoined) join();
      else if (member.leads) connection.reconnect();
      else member.group?.reconnect();
    },
    hurry() {
      if (isHeld) return;
      if (member.leads) connection.hurry();
      else member.group?.hurry();
    },
    replace: connection.replace,
    check: () => (member.leads ? connection : member.group)?.check(),
    hold(reason) {
      // The tab that leads notices it, too. While there is a network, it is this page that is put away: see `away`.
      if (reason === 'browser' && (!member.leads || isOnline())) return;
      if (reason === 'disconnected') {
        isHeld = true;
        member.leave();
      }
      connection.hold(reason);
    },
    end(reason, farewell) {
      if (shown.status.phase === 'signed-out') return;
      member.leave();
      connection.end(reason, farewell);
    },
    rest() {
      unwatch?.();
      unwatch = undefined;
      pause();
    },
  };
}
