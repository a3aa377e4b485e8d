import { useSyncExternalStore } from 'react';

export const SCREENS = ['requests', 'crates', 'storage', 'audit', 'dashboard'] as const;
export type Screen = (typeof SCREENS)[number];

/** Where the user is: kept in the address (`#/requests?status=Pending&open=1012`), so that a reload keeps it. */
export interface Place {
  readonly screen: Screen;
  /** What a parameter says; empty if it is not there. */
  param(name: string): string;
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(watchAddress, () => location.hash);
  return readPlace(hash);
}

/** The address of a screen. The unit stays chosen from one screen to the next. */
export function addressOf(screen: Screen, params: Readonly<Record<string, string>>): string {
  const search = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== ''));
  return search.size === 0 ? `#/${screen}` : `#/${screen}?${search}`;
}

/** Sets parameters of this screen; an empty one is left out. `push`: the browser's Back undoes it. */
export function setParams(
  params: Readonly<Record<string, string>>,
  how: 'replace' | 'push' = 'replace',
): void {
  const [, search = ''] = location.hash.split('?');
  const merged = { ...Object.fromEntries(new URLSearchParams(search)), ...params };
  go(addressOf(readPlace(location.hash).screen, merged), how);
}

export function go(address: string, how: 'replace' | 'push' = 'push'): void {
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  window.dispatchEvent(new PopStateEvent('popstate'));
}

function readPlace(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const params = new URLSearchParams(search);
  return {
    screen: SCREENS.find((screen) => screen === path) ?? 'requests',
    param: (name) => params.get(name) ?? '',
  };
}

function watchAddress(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener('hashchange', listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener('hashchange', listener);
  };
}
