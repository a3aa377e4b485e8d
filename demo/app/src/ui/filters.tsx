import { ToggleGroup } from 'radix-ui';
import { Select } from './field.tsx';

interface FilterProps {
  readonly label: string;
  readonly options: readonly string[];
  /** Empty: all. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

const ALL = 'All';

/** One of a few, or all: a row of buttons to go through with the arrow keys. */
export function FilterTabs({ label, options, value, onChange }: FilterProps) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value === '' ? ALL : value}
      onValueChange={(chosen) => onChange(chosen === ALL ? '' : chosen)}
      className="inline-flex h-control items-stretch rounded-md border border-line bg-surface p-0.5"
    >
      {[ALL, ...options].map((option) => (
        <ToggleGroup.Item
          key={option}
          value={option}
          className="rounded-sm px-2 whitespace-nowrap text-ink-soft hover:text-ink data-[state=on]:bg-accent-soft data-[state=on]:text-accent"
        >
          {option}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

/** The same where there is less room. */
export function FilterSelect({ label, options, value, onChange }: FilterProps) {
  return (
    <Select
      aria-label={label}
      className="w-34 max-sm:w-auto max-sm:min-w-0 max-sm:flex-1 max-sm:basis-2/5"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{label}: all</option>
      {options.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </Select>
  );
}
