import { useUnits } from '../api/others.ts';
import mark from '../mark.svg';
import { addressOf, SCREENS, type Screen, usePlace } from '../place/place.ts';
import { isAdmin, useMe } from '../session/me.tsx';
import { describeUnit, isSame } from '../words/things.ts';
import { SCREEN_ICONS, SCREEN_TITLES } from './screens.ts';
import { UserMenu } from './user-menu.tsx';

/** Where one can go, and who one is: at the side, with words where there is room for them; on phones at the bottom, where thumbs are. */
export function Sidebar({ current }: { readonly current: Screen }) {
  const me = useMe();
  const screens = SCREENS.filter((screen) => screen !== 'audit' || isAdmin(me));
  return (
    <aside className="flex w-14 shrink-0 flex-col border-r border-line bg-surface max-sm:w-full max-sm:flex-row max-sm:border-t max-sm:border-r-0 lg:w-48 print:hidden">
      <div className="flex h-14 items-center gap-2.5 px-3.5 max-sm:hidden">
        <img src={mark} alt="" className="size-7" />
        <span className="min-w-0 max-lg:sr-only">
          <span className="block text-sm leading-tight font-semibold">Records</span>
          <OwnUnit />
        </span>
      </div>
      <nav
        aria-label="Screens"
        className="flex min-w-0 flex-1 flex-col gap-0.5 p-2 max-sm:flex-row max-sm:justify-around max-sm:p-1"
      >
        {screens.map((screen) => (
          <NavLink key={screen} screen={screen} isCurrent={screen === current} />
        ))}
      </nav>
      <div className="border-t border-line p-2 max-sm:border-t-0 max-sm:p-1">
        <UserMenu />
      </div>
    </aside>
  );
}

function NavLink({ screen, isCurrent }: { readonly screen: Screen; readonly isCurrent: boolean }) {
  const { param } = usePlace();
  const Icon = SCREEN_ICONS[screen];
  return (
    <a
      href={addressOf(screen, { unit: param('unit') })}
      aria-current={isCurrent ? 'page' : undefined}
      title={SCREEN_TITLES[screen]}
      className="flex h-8 items-center gap-2.5 rounded-md px-2.5 text-ink-soft max-lg:h-10 max-sm:h-12 max-sm:min-w-0 max-sm:flex-1 max-sm:flex-col max-sm:justify-center max-sm:gap-0.5 max-sm:px-0.5 max-sm:text-[0.6875rem] hover:bg-raised hover:text-ink aria-[current]:bg-accent-soft aria-[current]:font-medium aria-[current]:text-accent"
    >
      <Icon aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />
      <span className="truncate max-sm:max-w-full sm:max-lg:sr-only">{SCREEN_TITLES[screen]}</span>
    </a>
  );
}

/** Whose records one sees. */
function OwnUnit() {
  const me = useMe();
  const units = useUnits();
  const own = units.data?.find(({ id }) => isSame(id, me.unit_id));
  const words = own === undefined ? `Unit ${me.unit_id}` : describeUnit(own);
  const shown = isAdmin(me) ? 'All units' : words;
  return (
    <span className="block truncate text-xs text-ink-soft" title={shown}>
      {shown}
    </span>
  );
}
