import { useState, useSyncExternalStore } from 'react';

/** As Tailwind's `max-md`: a phone, or a page at 200 %. */
const narrow = window.matchMedia('(width < 48rem)');
/** As Tailwind's `xl`. */
const wide = window.matchMedia('(width >= 80rem)');

/** As the variant `short` of `index.css`. */
const short = window.matchMedia('(height < 36rem)');

/** Whether the page is too narrow for columns. */
export const useNarrow = (): boolean => useMatches(narrow);

/** Whether the header has room to spare. */
export const useWide = (): boolean => useMatches(wide);

/** Whether a dialog fills the page from top to bottom. */
export const useShort = (): boolean => useMatches(short);

function useMatches(media: MediaQueryList): boolean {
  const [watch] = useState(() => (listener: () => void) => {
    media.addEventListener('change', listener);
    return () => media.removeEventListener('change', listener);
  });
  return useSyncExternalStore(watch, () => media.matches);
}
