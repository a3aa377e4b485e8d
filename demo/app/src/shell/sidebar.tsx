import { useUnits } from '../api/others.ts';
import mark from '../mark.svg';
import { addressOf, SCREENS, type Screen, usePlace } from '../place/place.ts';
import { isAdmin, useMe } from '../session/me.tsx';
import { describeUnit, isSame } from '../words/things.ts';
import { SCREEN_ICONS, SCREEN_TITLES } from './screens.ts';
import { UserMenu } from './user-menu.tsx';

/** Where one can go, and who one is. On narrow pages its words make way. */
export function Sidebar({ current }: { readonly current: Screen }) {
  const me = useMe();
  const screens = SCREENS.filter((screen) => screen !== 'audit' || isAdmin(me));
  return (
    <aside className="flex w-14 shrink-0 flex-col border-r border-line bg-surface lg:w-48">
      <div className="flex h-14 items-center gap-2.5 px-3.5">
        <img src={mark} alt="" className="size-7" />
        <span className="min-w-0 max-lg:sr-only">
          <span className="block text-sm leading-tight font-semibold">Records</span>
          <OwnUnit />
        </span>
      </div>
      <nav aria-label="Screens" className="flex flex-1 flex-col gap-0.5 p-2">
        {screens.map((screen) => (
          <NavLink key={screen} screen={screen} isCurrent={screen === current} />
        ))}
      </nav>
      <div className="border-t border-line p-2">
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
      className="flex h-8 items-center gap-2.5 rounded-md px-2.5 text-ink-soft hover:bg-raised hover:text-ink aria-[current]:bg-accent-soft aria-[current]:font-medium aria-[current]:text-accent"
    >
      <Icon aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />
      <span className="max-lg:sr-only">{SCREEN_TITLES[screen]}</span>
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
