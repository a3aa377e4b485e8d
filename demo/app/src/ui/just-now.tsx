import { type Change, describeChange } from '../words/activity.ts';

/** What a colleague did to a row just now. Where there is less room, the row's colour says that it is new. */
export function JustNow({ change }: { readonly change: Change }) {
  const words = describeChange(change);
  return (
    <span className="font-medium" title={`${words}, just now`}>
      {words}
      <span className="max-sm:hidden md:max-xl:hidden">, just now</span>
    </span>
  );
}
