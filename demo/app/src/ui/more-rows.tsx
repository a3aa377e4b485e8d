import { setParams, usePlace } from '../place/place.ts';
import { PassingButton } from './passing-button.tsx';

/** How many rows a list has, and how many more are shown each time. The REST API lists a thousand at most. */
const STEP = 200;
const MOST = 1000;

/** How many rows are asked for; kept in the address. `undefined`: as many as the REST API likes. */
export function useLimit(): number | undefined {
  const limit = Number(usePlace().param('limit'));
  return Number.isInteger(limit) && limit > STEP ? Math.min(limit, MOST) : undefined;
}

interface MoreRowsProps {
  readonly shown: number;
  readonly count: number;
}

/** Under a list of which only the beginning is shown. */
export function MoreRows({ shown, count }: MoreRowsProps) {
  if (shown >= count || shown === 0) return null;
  const more = Math.min(STEP, count - shown, MOST - shown);
  return (
    <p className="mt-3 flex min-h-10 flex-wrap items-center justify-center gap-x-3 gap-y-2 text-ink-soft">
      {inNumbers(shown)} of {inNumbers(count)} are shown.
      {more > 0 ? (
        <PassingButton onClick={() => setParams({ limit: String(shown + more) })}>
          Show {more} more
        </PassingButton>
      ) : (
        <span>Search or filter to see others.</span>
      )}
    </p>
  );
}

const NUMBERS = new Intl.NumberFormat('en-GB');

/** `10,000` */
export const inNumbers = (count: number): string => NUMBERS.format(count);
