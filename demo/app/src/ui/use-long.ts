import { useEffect, useState } from 'react';

/** For how long something may be awaited without a word, in milliseconds. */
const LONG_MS = 5000;

/** Whether the component has been there for 5 s. */
export function useLong(): boolean {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLong;
}
