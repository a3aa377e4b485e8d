import { useQuery } from '@tanstack/react-query';
import { CloudAlert } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Notice } from '../ui/notice.tsx';

const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1000, 10_000];

/** Random, so that pages that failed together do not ask together. */
const waitAfter = (failures: number): number =>
  Math.random() * Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS);

/** Not everybody looks at it: it comes when somebody does, as data does, so that a slow or lost answer is said and asked for again. */
export function LateDashboard() {
  const code = useQuery({
    queryKey: ['code', 'dashboard'],
    queryFn: () => import('../dashboard/dashboard-screen.tsx'),
    retry: true, // no screen follows anything yet, so nothing else tries it again
    retryDelay: waitAfter,
    staleTime: 'static',
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  const Screen = code.data?.default;
  if (Screen !== undefined) return <Screen />;
  if (code.failureCount > 0 && code.fetchStatus !== 'paused') return <NotDelivered />;
  return (
    <Loaded query={code}>
      <div aria-busy />
    </Loaded>
  );
}

/** After a new version was installed the old file never comes, and some browsers never ask for it again. A reload helps against both. */
function NotDelivered() {
  return (
    <main className="pt-8">
      <Notice
        icon={CloudAlert}
        title="This screen could not be loaded"
        action={<Button onClick={() => location.reload()}>Reload the page</Button>}
      >
        It is tried again by itself. A new version may have been installed: then a reload helps.
      </Notice>
    </main>
  );
}
