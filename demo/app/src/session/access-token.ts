import axios from 'axios';
import { SessionOver, type TokenRequest } from 'dms-live-react';
import { ANSWER_WITHIN_MS } from '../api/timeouts.ts';
import { expiryOf, loadTokens, personIn, saveTokens } from './tokens.ts';

/** A token that has less than this left is replaced before it is used for a connection. */
const FRESH_FOR_MS = 60_000;

let refreshing: Promise<string> | undefined;
let sayPersonChanged: () => void = () => {};

/** Calls `listener` when a new token has another role or unit than the one before. */
export function onPersonChanged(listener: () => void): void {
  sayPersonChanged = listener;
}

/**
 * Gets a new access token. However many ask at once, the server is asked once.
 * @throws {SessionOver} The refresh token was refused: only signing in again helps.
 */
export function refreshAccess(headers: TokenRequest['headers'] = {}): Promise<string> {
  refreshing ??= askForAccess(headers).finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

/** The access token for a connection: the one at hand, or a new one if that was refused or is about to expire. */
export async function accessToken({ isRefused, headers }: TokenRequest): Promise<string> {
  const access = loadTokens()?.access;
  const isFresh = access !== undefined && expiryOf(access) - Date.now() > FRESH_FOR_MS;
  return isFresh && !isRefused ? access : refreshAccess(headers);
}

async function askForAccess(headers: TokenRequest['headers']): Promise<string> {
  const tokens = loadTokens();
  if (tokens === undefined) throw new SessionOver('You are not signed in.');
  const { refresh } = tokens;
  try {
    const { data } = await axios.post<{ access: string }>(
      'api/token/refresh/',
      { refresh },
      { headers: { ...headers }, timeout: ANSWER_WITHIN_MS },
    );
    if (hasEnded(refresh)) throw new Error('signed out meanwhile');
    saveTokens({ access: data.access, refresh });
    if (personIn(data.access) !== personIn(tokens.access)) sayPersonChanged();
    return data.access;
  } catch (error) {
    if (!axios.isAxiosError(error) || error.response?.status !== 401 || hasEnded(refresh)) throw error;
    throw new SessionOver('Your session has ended.');
  }
}

/** Somebody has signed out, or in, while the server was asked: its answer concerns the session that is over. */
const hasEnded = (refresh: string): boolean => loadTokens()?.refresh !== refresh;
