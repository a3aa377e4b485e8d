import { QueryClientProvider } from '@tanstack/react-query';
import { LiveProvider } from 'dms-live-react';
import { CloudAlert, Hourglass, UserCog } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { AUDIT_FILTERS, AUDIT_KEYS } from './api/audit.ts';
import { LIVE_KEYS, LIVE_ORDER } from './api/live-order.ts';
import { EventCounter } from './live/event-count.tsx';
import { MeProvider } from './session/me.tsx';
import { resumeSession, type SignedIn, signOut, useSession } from './session/session.ts';
import { SignInScreen } from './session/sign-in-screen.tsx';
import { Shell } from './shell/shell.tsx';
import { Button } from './ui/button.tsx';
import { Notice } from './ui/notice.tsx';
import { useLong } from './ui/use-long.ts';

export function App() {
  const session = useSession();
  if (session.phase === 'signed-in') return <Work session={session} />;
  if (session.phase === 'signed-out') return <SignInScreen why={session.why} />;
  if (session.phase === 'resuming') return <Resuming isAgain={session.isAgain} />;
  return (
    <main className="pt-24">
      <Notice
        icon={CloudAlert}
        title="The records cannot be opened now"
        action={
          <div className="flex gap-2">
            <Button look="primary" onClick={() => void resumeSession()}>
              Try again
            </Button>
            <Button onClick={() => void signOut()}>Sign out</Button>
          </div>
        }
      >
        {session.why} It is tried again by itself.
      </Notice>
    </main>
  );
}

/** After a reload blank for a moment; after 5 s it says what it waits for. */
function Resuming({ isAgain }: { readonly isAgain: boolean }) {
  const isLong = useLong();
  return (
    <main aria-busy aria-label="Signing in" className="pt-24">
      {isAgain && !isLong && (
        <Notice icon={UserCog} title="Your role or unit has changed">
          The records are opened again, as you may see them now.
        </Notice>
      )}
      {isLong && (
        <Notice icon={Hourglass} title="The server is slow">
          The records are opened as soon as it answers.
        </Notice>
      )}
    </main>
  );
}

/** `/?devtools` shows what became of each event. Pages without it do not load the panel. */
const hasDevtools = new URLSearchParams(location.search).has('devtools');
const LiveDevtools = lazy(async () => ({ default: (await import('dms-live-react/devtools')).LiveDevtools }));

/** What could not be fetched is fetched again, also what no event concerns. */
const RETRY = { retry: 'all' } as const;

function Work({ session }: { readonly session: SignedIn }) {
  return (
    <QueryClientProvider client={session.queryClient}>
      <LiveProvider
        client={session.live}
        queryKeys={{ ...LIVE_KEYS, ...AUDIT_KEYS }}
        filters={AUDIT_FILTERS}
        order={LIVE_ORDER}
        refetch={RETRY}
      >
        <MeProvider me={session.me}>
          <EventCounter>
            <Shell />
            {hasDevtools && (
              <Suspense>
                <LiveDevtools />
              </Suspense>
            )}
          </EventCounter>
        </MeProvider>
      </LiveProvider>
    </QueryClientProvider>
  );
}
