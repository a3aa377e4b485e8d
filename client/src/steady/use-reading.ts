'use client';

import { type RefCallback, useEffect, useState } from 'react';
import { watchReading } from './watch-reading.ts';

export interface Reading {
  /** Somebody points at the element, touches it, has the keyboard's focus in it, or has scrolled down. */
  readonly isReading: boolean;
  /** For the element with the rows: `<tbody ref={ref}>`, or a table with several of them. Its head does not count. */
  readonly ref: RefCallback<HTMLElement>;
}

/** Whether somebody is busy with the rows of an element, so that they should not move: for `hold` of {@link useSteadyRows}. */
export function useReading(): Reading {
  const [element, ref] = useState<HTMLElement | null>(null);
  const [isReading, setReading] = useState(false);
  useEffect(() => (element === null ? undefined : watchReading(element, setReading)), [element]);
  return { isReading, ref };
}
