import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { describeError, get } from '../api/http.ts';
import type { Me } from '../api/rows.ts';
import { Button } from '../ui/button.tsx';
import { useLong } from '../ui/use-long.ts';

/** After a failure. */
const RETRY_MS = 5000;

type DemoUser = Omit<Me, 'id'>;

interface DemoUsersProps {
  readonly isBusy: boolean;
  readonly onChoose: (username: string) => void;
}

/** The people one may be in the demo, by unit. */
export function DemoUsers({ isBusy, onChoose }: DemoUsersProps) {
  const users = useQuery({
    queryKey: ['demo-users'],
    queryFn: () => get<DemoUser[]>('/demo-users/'),
    retry: false,
    refetchInterval: ({ state }) => state.status === 'error' && RETRY_MS,
  });
  return (
    <section className="p-5" aria-labelledby="demo-users">
      <h2 id="demo-users" className="font-semibold">
        As somebody of the demo
      </h2>
      <p className="mb-3 text-ink-soft">
        Two windows with two people of one unit show each other's work at once.
      </p>
      {users.isError && (
        <div role="alert" className="flex flex-col items-start gap-2">
          {describeError(users.error)} It is tried again by itself.
          <Button onClick={() => users.refetch()}>Try again</Button>
        </div>
      )}
      {users.isPending && <Expected />}
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-3">
        {groupByUnit(users.data ?? []).map(({ title, people }) => (
          <div key={title} className="first:col-span-full">
            <h3 className="mb-1 text-xs font-medium text-ink-faint">{title}</h3>
            <ul>
              {people.map(({ username, name, role }) => (
                <li key={username}>
                  <button
                    type="button"
                    disabled={isBusy}
                    onClick={() => onChoose(username)}
                    className="group -mx-2 flex h-11 w-[calc(100%+1rem)] items-center rounded-md px-2 text-left hover:bg-raised"
                  >
                    <span className="min-w-0 flex-1">
                      <span className="block truncate leading-tight font-medium">{name}</span>
                      <span className="block truncate text-xs text-ink-soft">{role}</span>
                    </span>
                    <ChevronRight aria-hidden className="size-4 text-ink-faint" />
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}

/** Holds the place of the people; after 5 s it says what it waits for. */
function Expected() {
  const isLong = useLong();
  return (
    <div className="h-78 text-ink-soft" aria-busy>
      {isLong && 'The server is slow. Everybody appears here as soon as it answers.'}
    </div>
  );
}

interface Group {
  readonly title: string;
  readonly people: readonly DemoUser[];
}

function groupByUnit(users: readonly DemoUser[]): Group[] {
  const titles = new Set(users.map(titleOf));
  return [...titles].map((title) => ({ title, people: users.filter((user) => titleOf(user) === title) }));
}

function titleOf({ unit_id }: DemoUser): string {
  return unit_id === null ? 'All units' : `Unit ${unit_id}`;
}
