import { useQuery } from '@tanstack/react-query';
import { Loaded } from '../ui/loaded.tsx';

/** Not everybody looks at it: it comes when somebody does, as data does, so that a slow or lost answer is said and asked for again. */
export function LateDashboard() {
  const code = useQuery({
    queryKey: ['code', 'dashboard'],
    queryFn: () => import('../dashboard/dashboard-screen.tsx'),
    retry: true, // no screen follows anything yet, so nothing else tries it again
    staleTime: 'static',
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  const Screen = code.data?.default;
  if (Screen !== undefined) return <Screen />;
  return (
    <Loaded query={code}>
      <div aria-busy />
    </Loaded>
  );
}
