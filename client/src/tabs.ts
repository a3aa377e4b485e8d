import { createConnection } from './connection/connection.ts';
import type { ShareConnection } from './connection/options.ts';
import { findBrowser } from './tabs/browser.ts';
import { createSharedConnection } from './tabs/shared-connection.ts';

/**
 * An option of `createLiveClient`: the tabs of one user share one connection. Where the browser has no Web Locks or no
 * BroadcastChannel, each tab has its own.
 */
export const shareConnection: ShareConnection = (options) => {
  const browser = findBrowser();
  return browser === undefined ? createConnection(options) : createSharedConnection(options, browser);
};
