/** A page of live queries under StrictMode: lists, highlights, notifications. The test is its REST API, and reads its text. */
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { type ReactElement, StrictMode, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { LiveDevtools } from '../../../../client/src/devtools.ts';
import {
  createLiveClient,
  LiveProvider,
  useLiveAudit,
  useLiveRequests,
  useRecentlyChanged,
  useRequestNotifications,
  useSendBackNotifications,
} from '../../../../client/src/index.ts';

interface Row {
  readonly id: number;
  readonly status: string;
}

declare global {
  interface Window {
    fetchRows(key: readonly unknown[]): Promise<readonly Row[]>;
  }
}

const queryClient = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
const client = createLiveClient({ url: '/graphql', getToken: window.getToken, lingerMs: 100 });

function RequestRow({ row }: { row: Row }): ReactElement {
  const renders = useRef(0);
  renders.current += 1;
  const change = useRecentlyChanged(row.id, { forMs: 300 });
  const seen = useRef<string[]>([]);
  const now = change?.action ?? 'nothing';
  if (seen.current.at(-1) !== now) seen.current.push(now);
  return (
    <li data-testid={`row ${row.id}`} data-renders={renders.current} data-changes={seen.current.join(', ')}>
      {row.status}
    </li>
  );
}

function List({ status }: { status: string }): ReactElement {
  const { isUpdating } = useLiveRequests(5);
  const queryKey = ['requests', 'all', status, 5];
  const { data = [] } = useQuery({ queryKey, queryFn: () => window.fetchRows(queryKey) });
  return (
    <section data-testid={status} aria-busy={isUpdating}>
      {status === 'all' ? (
        <Rows rows={data} />
      ) : (
        data.map(({ id, status: shown }) => `${id} ${shown}`).join(', ')
      )}
    </section>
  );
}

/** Unchanged rows are not rendered again. */
const rendered = new WeakMap<Row, ReactElement>();

function Rows({ rows }: { rows: readonly Row[] }): ReactElement {
  const elements = rows.map((row) => {
    const element = rendered.get(row) ?? <RequestRow key={row.id} row={row} />;
    rendered.set(row, element);
    return element;
  });
  return <ul>{elements}</ul>;
}

function Notifications(): ReactElement {
  const [notified, setNotified] = useState<readonly string[]>([]);
  const note = (what: string): void => setNotified((before) => [...before, what]);
  useRequestNotifications(({ action, actor }) => note(`${action} by ${actor?.name}`), { unitId: 5 });
  useRequestNotifications(({ action }) => note(`own ${action}`), {
    unitId: 5,
    includeOwn: true,
    actions: ['ISSUED'],
  });
  useSendBackNotifications(({ sendBack }) => note(`sent back: ${sendBack.reason}`));
  return <output data-testid="notified">{notified.join(', ')}</output>;
}

function Audit(): ReactElement {
  const { refusal } = useLiveAudit();
  return <output data-testid="refusal">{refusal?.code}</output>;
}

function Page(): ReactElement {
  const [isShown, setShown] = useState(true);
  return (
    <>
      <button type="button" onClick={() => setShown(!isShown)}>
        Toggle
      </button>
      {isShown && (
        <>
          <List status="all" />
          <List status="Pending" />
          <Notifications />
          <Audit />
        </>
      )}
    </>
  );
}

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <LiveProvider client={client}>
          <Page />
          <LiveDevtools />
        </LiveProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
