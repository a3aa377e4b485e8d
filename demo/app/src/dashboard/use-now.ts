import { useEffect, useState } from 'react';

const MINUTE_MS = 60_000;

/** Unix milliseconds, renewed each minute: how long something has lasted is never older than that. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
