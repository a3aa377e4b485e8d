import { ToggleGroup } from 'radix-ui';
import { inDigits } from '../words/amounts.ts';
import { classes } from './classes.ts';
import { Select } from './field.tsx';

interface FilterProps {
  readonly label: string;
  readonly options: readonly string[];
  /** Empty: all. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** How many rows each option would show; the empty one is "all". `undefined`: not known. */
  readonly countOf?: ((option: string) => number | undefined) | undefined;
  /** An option of which each row asks for attention. */
  readonly alarming?: string;
}

const ALL = 'All';

/** One of a few, or all: a row of buttons to go through with the arrow keys. */
export function FilterTabs({ label, options, value, onChange, countOf, alarming }: FilterProps) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value === '' ? ALL : value}
      onValueChange={(chosen) => onChange(chosen === ALL ? '' : chosen)}
      className="inline-flex h-control max-w-full items-stretch overflow-x-auto rounded-md border border-line bg-surface p-0.5"
    >
      {['', ...options].map((option) => (
        <ToggleGroup.Item
          key={option}
          value={option === '' ? ALL : option}
          className="inline-flex items-center gap-1.5 rounded-sm px-2 whitespace-nowrap text-ink-soft hover:text-ink data-[state=on]:bg-accent-soft data-[state=on]:text-accent"
        >
          {option === '' ? ALL : option}
          {countOf !== undefined && <Count count={countOf(option)} isAlarming={option === alarming} />}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

/** It keeps its room while it is not known, and does not move its neighbours from one digit to the next. */
function Count({ count, isAlarming }: { readonly count: number | undefined; readonly isAlarming: boolean }) {
  const isBad = isAlarming && (count ?? 0) > 0;
  return (
    <span
      className={classes(
        'min-w-[2ch] text-right text-xs',
        isBad ? 'font-semibold text-danger' : 'text-ink-faint',
      )}
    >
      {count !== undefined && inDigits(count)}
    </span>
  );
}

/** The same where there is less room. */
export function FilterSelect({ label, options, value, onChange, countOf }: FilterProps) {
  const withCount = (option: string, words: string): string => {
    const count = countOf?.(option);
    return count === undefined ? words : `${words} (${inDigits(count)})`;
  };
  return (
    <Select
      aria-label={label}
      className={classes(
        'max-sm:w-auto max-sm:min-w-0 max-sm:flex-1 max-sm:basis-2/5',
        countOf === undefined ? 'w-34 max-md:w-40' : 'w-44 max-md:w-52',
      )}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{withCount('', `${label}: all`)}</option>
      {options.map((option) => (
        <option key={option} value={option}>
          {withCount(option, option)}
        </option>
      ))}
    </Select>
  );
}
