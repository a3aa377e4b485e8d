/** A page that follows the same topic in many ways, under StrictMode. The test provides its tokens, and reads its text. */
import { type ReactElement, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import {
  createLiveClient,
  type LiveClient,
  type LiveClientOptions,
  LiveIndicator,
  LiveProvider,
  StorageUpdatedDocument,
  useLive,
  useLiveStatus,
  useStorageUpdatedSubscription,
} from '../../../../client/src/index.ts';
import { shareConnection } from '../../../../client/src/tabs.ts';

declare global {
  interface Window {
    live: LiveClient;
    getToken(): Promise<string>;
    options?: Partial<LiveClientOptions>;
    isShared?: boolean;
  }
}

window.live = createLiveClient({
  url: '/graphql',
  getToken: window.getToken,
  ...window.options,
  ...(window.isShared === true && { shareConnection }),
});

/** Lists the events that it receives. */
function Follower({ name, unitId }: { name: string; unitId?: string }): ReactElement {
  const [notified, setNotified] = useState<readonly string[]>([]);
  const note = (what: string): void => setNotified((before) => [...before, what]);
  useLive(
    StorageUpdatedDocument,
    { ...(unitId !== undefined && { unitId }) },
    {
      event: ({ storageUpdated }) => note(storageUpdated.id),
      started: (why) => note(why),
    },
  );
  return <p data-testid={name}>{notified.join(' ')}</p>;
}

function Generated(): ReactElement {
  const [{ data }] = useStorageUpdatedSubscription<readonly string[]>({}, (ids = [], { storageUpdated }) =>
    ids.includes(storageUpdated.id) ? ids : [...ids, storageUpdated.id],
  );
  return <p data-testid="generated">{data?.join(' ')}</p>;
}

function Page(): ReactElement {
  const [isShown, setShown] = useState(true);
  const { phase } = useLiveStatus();
  return (
    <>
      <LiveIndicator retryButton />
      <output data-testid="phase">{phase}</output>
      <button type="button" onClick={() => setShown(!isShown)}>
        Toggle
      </button>
      {isShown && (
        <>
          <Follower name="one" />
          <Follower name="two" />
          <Follower name="three" unitId="5" />
          <Generated />
        </>
      )}
    </>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root');
createRoot(root).render(
  <StrictMode>
    <LiveProvider client={window.live}>
      <Page />
    </LiveProvider>
  </StrictMode>,
);
