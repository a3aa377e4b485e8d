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
  useLooking,
  usePresence,
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

/** Looks at one object after the other, and lists where users are. */
function Present({ at }: { readonly at: number }): ReactElement {
  const id = at === 0 ? null : at;
  useLooking('request', id);
  const all = usePresence('request', id, { withSelf: true });
  return <p data-testid="present">{all.map(({ userId, objectId }) => `${userId} at ${objectId}`).join()}</p>;
}

function Page(): ReactElement {
  const [isShown, setShown] = useState(true);
  const [at, setAt] = useState(0);
  const { phase } = useLiveStatus();
  return (
    <>
      <LiveIndicator retryButton />
      <output data-testid="phase">{phase}</output>
      <button type="button" onClick={() => setShown(!isShown)}>
        Toggle
      </button>
      <button type="button" onClick={() => setAt(at + 1)}>
        Next object
      </button>
      {isShown && (
        <>
          <Follower name="one" />
          <Follower name="two" />
          <Follower name="three" unitId="5" />
          <Generated />
          <Present at={at} />
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
