import { useSyncExternalStore } from 'react';

/** As Tailwind's `max-md`: a phone, or a page at 200 %. */
const narrow = window.matchMedia('(width < 48rem)');

/** Whether the page is too narrow for columns. */
export function useNarrow(): boolean {
  return useSyncExternalStore(watch, () => narrow.matches);
}

function watch(listener: () => void): () => void {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
}
