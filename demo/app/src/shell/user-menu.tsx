import { Braces, Check, ChevronsUpDown, LogOut } from 'lucide-react';
import { DropdownMenu as Menu } from 'radix-ui';
import { useMe } from '../session/me.tsx';
import { signOut } from '../session/session.ts';
import { chooseTheme, THEMES, useTheme } from './theme.ts';

const ITEM =
  'flex h-control cursor-pointer items-center gap-2.5 rounded-sm px-2 outline-none data-[highlighted]:bg-accent-soft';

/** Who is signed in, and what concerns them only. */
export function UserMenu() {
  const me = useMe();
  const theme = useTheme();
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger
        title={me.name}
        className="flex h-11 w-full items-center gap-2.5 rounded-md px-1.5 text-left hover:bg-raised max-sm:h-12"
      >
        <span
          aria-hidden
          className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
        >
          {initialsOf(me.name)}
        </span>
        <span className="min-w-0 flex-1 max-lg:sr-only">
          <span className="block truncate leading-tight font-medium">{me.name}</span>
          <span className="block truncate text-xs text-ink-soft">{me.role}</span>
          <span className="sr-only">Account menu</span>
        </span>
        <ChevronsUpDown aria-hidden className="size-3.5 text-ink-faint max-lg:hidden" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content
          side="top"
          align="start"
          sideOffset={6}
          className="lifted fade-in z-50 w-52 rounded-md p-1"
        >
          <Menu.Label className="px-2 py-1.5 text-xs text-ink-faint">Appearance</Menu.Label>
          <Menu.RadioGroup value={theme} aria-label="Appearance">
            {THEMES.map((option) => (
              <Menu.RadioItem
                key={option}
                value={option}
                className={ITEM}
                onSelect={() => chooseTheme(option)}
              >
                <span className="w-4">
                  <Menu.ItemIndicator>
                    <Check aria-hidden className="size-4" />
                  </Menu.ItemIndicator>
                </span>
                <span className="capitalize">{option}</span>
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Separator className="my-1 h-px bg-line" />
          <Menu.Item asChild className={ITEM}>
            <a href="graphql" target="_blank" rel="noreferrer">
              <Braces aria-hidden className="size-4 text-ink-faint" />
              Open GraphiQL
            </a>
          </Menu.Item>
          <Menu.Item className={ITEM} onSelect={() => void signOut()}>
            <LogOut aria-hidden className="size-4 text-ink-faint" />
            Sign out
          </Menu.Item>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}

function initialsOf(name: string): string {
  return name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('')
    .slice(0, 2);
}
