import { RadioGroup } from 'radix-ui';
import { PACES, usePace, useSetPace } from '../api/others.ts';

/** How busy the simulated colleagues are; nothing where there are none. */
export function PaceControl() {
  const { data: pace } = usePace();
  const setPace = useSetPace();
  if (pace == null) return null;
  return (
    <div className="mt-4 border-t border-line pt-3">
      <p id="pace" className="mb-2 text-ink-soft">
        Simulated colleagues
      </p>
      <RadioGroup.Root
        aria-labelledby="pace"
        value={pace}
        onValueChange={(chosen) => {
          const known = PACES.find((one) => one === chosen);
          if (known !== undefined) setPace.mutate(known);
        }}
        className="grid grid-cols-3 rounded-md border border-line bg-raised p-0.5"
      >
        {PACES.map((one) => (
          <RadioGroup.Item
            key={one}
            value={one}
            className="h-7 rounded-sm text-ink-soft capitalize hover:text-ink data-[state=checked]:bg-surface data-[state=checked]:font-medium data-[state=checked]:text-accent data-[state=checked]:shadow-sm"
          >
            {one}
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </div>
  );
}
