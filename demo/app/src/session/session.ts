import { QueryClient } from '@tanstack/react-query';
import axios, { isAxiosError } from 'axios';
import { createLiveClient, type LiveClient } from 'dms-live-react';
import { useSyncExternalStore } from 'react';
import { toast } from 'sonner';
import { describeError, get, http, onSessionRefused } from '../api/http.ts';
import type { Me } from '../api/rows.ts';
import { ANSWER_WITHIN_MS } from '../api/timeouts.ts';
import { addressOf, go } from '../place/place.ts';
import { accessToken, onPersonChanged } from './access-token.ts';
import { forgetTokens, loadTokens, saveTokens, type Tokens } from './tokens.ts';

/** Somebody at work: all that ends when they sign out. */
export interface SignedIn {
  readonly phase: 'signed-in';
  readonly me: Me;
  /** What the person was until now, if the role or the unit has changed during the session. */
  readonly before?: Me;
  readonly live: LiveClient;
  readonly queryClient: QueryClient;
}

export type Session =
  | SignedIn
  /** `isAgain`: the role or the unit has changed. Otherwise the page was reloaded. */
  | { readonly phase: 'resuming'; readonly isAgain: boolean }
  /** The tokens are there, but the server did not answer. */
  | { readonly phase: 'unreachable'; readonly why: string }
  | { readonly phase: 'signed-out'; readonly why?: string };

const WITHDRAWN = 'Your session has ended: you were signed out elsewhere, or your access was withdrawn.';

let session: Session =
  loadTokens() === undefined ? { phase: 'signed-out' } : { phase: 'resuming', isAgain: false };
const listeners = new Set<() => void>();

export function useSession(): Session {
  return useSyncExternalStore(watch, () => session);
}

/** Counts how often a session began or ended: what was asked for before the last time concerns nobody any more. */
let turn = 0;

function nextTurn(): number {
  turn += 1;
  return turn;
}

/** @throws What the server answered, for the form to say. */
export async function signIn(username: string, password: string): Promise<void> {
  const { data } = await axios.post<Tokens>(
    'api/token/',
    { username, password },
    { timeout: ANSWER_WITHIN_MS },
  );
  saveTokens(data);
  toast.dismiss(); // those of the person before would be shown again
  await begin(nextTurn());
}

/** Goes on with the tokens that a reload has left. */
export async function resumeSession(): Promise<void> {
  clearTimeout(nextAttempt);
  if (loadTokens() === undefined) return;
  if (session.phase !== 'unreachable') change({ phase: 'resuming', isAgain: before !== undefined });
  const own = nextTurn();
  try {
    await begin(own);
    waitMs = FIRST_WAIT_MS;
  } catch (error) {
    if (own !== turn) return; // a refused token has ended the session already, or it was begun once more
    if (isAxiosError(error) && error.response?.status === 401) end('Your session has ended.');
    else tryLater(describeError(error));
  }
}

const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1000, 30_000];
let waitMs = FIRST_WAIT_MS;
let nextAttempt: ReturnType<typeof setTimeout> | undefined;

function tryLater(why: string): void {
  change({ phase: 'unreachable', why });
  nextAttempt = setTimeout(() => void resumeSession(), waitMs);
  waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
}

/** Who signs out does not wait longer for the server, in milliseconds. */
const SIGNED_OUT_WITHIN_MS = 3000;

export async function signOut(): Promise<void> {
  const refresh = loadTokens()?.refresh;
  // Signing out must work without a server, too: then the tokens are only forgotten.
  await http.post('/logout/', { refresh }, { timeout: SIGNED_OUT_WITHIN_MS }).catch(() => undefined);
  end();
  go(addressOf('requests', {}), 'replace'); // the next user does not begin with this one's search words
}

/** What the person was before the role or the unit changed, until the work has begun again. */
let before: Me | undefined;

/** The role or the unit is another one: nothing stays of what the former one showed and allowed. */
function beginAgain(): void {
  if (session.phase !== 'signed-in') return;
  const { me, live, queryClient } = session;
  before = me;
  toast.dismiss();
  void resumeSession();
  live.close();
  queryClient.clear();
}

async function begin(own: number): Promise<void> {
  const me = await get<Me>('/me/');
  if (own !== turn) return;
  const queryClient = createQueryClient();
  const live = createLiveClient({
    url: new URL('graphql', location.href).href,
    getToken: accessToken,
    onSessionEnd: () => end(WITHDRAWN),
  });
  Reflect.set(window, '__TANSTACK_QUERY_CLIENT__', queryClient); // where TanStack's browser extension, and tests, look at it
  change({ phase: 'signed-in', me, ...(before && { before }), live, queryClient });
  before = undefined;
}

function end(why?: string): void {
  nextTurn();
  clearTimeout(nextAttempt);
  forgetTokens();
  before = undefined;
  const ended = session;
  change(why === undefined ? { phase: 'signed-out' } : { phase: 'signed-out', why });
  if (ended.phase !== 'signed-in') return;
  ended.live.close();
  ended.queryClient.clear();
}

/** What is sent while offline fails at once. Otherwise it would wait, and be carried out later although the user has cancelled it. */
export const MUTATIONS = { networkMode: 'always' } as const;

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Events say what has changed, so a window that gets the focus need not refetch.
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        retry: (failures, error) => failures < 2 && isAxiosError(error) && error.response === undefined,
      },
      mutations: MUTATIONS,
    },
  });
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

onSessionRefused(end);
onPersonChanged(beginAgain);
