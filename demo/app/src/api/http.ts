import type { QueryKey } from '@tanstack/react-query';
import axios, { AxiosError, type AxiosRequestConfig, type AxiosResponse, isAxiosError } from 'axios';
import { backgroundHeaders, isRefusal, SessionOver } from 'dms-live-react';
import { refreshAccess } from '../session/access-token.ts';
import { loadTokens } from '../session/tokens.ts';
import { ANSWER_WITHIN_MS } from './timeouts.ts';

/** The DMS's REST API, with the session's token. A 401 gets a new token and tries once more. */
export const http = axios.create({ baseURL: 'api', timeout: ANSWER_WITHIN_MS });

http.interceptors.request.use((config) => {
  const access = loadTokens()?.access;
  if (access !== undefined) config.headers.set('Authorization', `Bearer ${access}`);
  return config;
});

const retried = new WeakSet<object>();
let sayEnded: (reason: string) => void = () => {};

http.interceptors.response.use(undefined, async (error: unknown) => {
  const config = isAxiosError(error) && error.response?.status === 401 ? error.config : undefined;
  if (config === undefined || retried.has(config)) throw error;
  const mark = config.headers.get('Dms-Live-Background'); // the refresh is in the background if the request was
  try {
    await refreshAccess(mark === '1' ? { 'Dms-Live-Background': mark } : {});
  } catch (ended) {
    if (ended instanceof SessionOver) sayEnded(ended.message);
    throw error;
  }
  retried.add(config);
  return http.request(config);
});

/** Calls `listener` when a request showed that the session is over. */
export function onSessionRefused(listener: (reason: string) => void): void {
  sayEnded = listener;
}

/** @param query what a `queryFn` receives: a fetch that an event has caused is marked, so that it keeps no idle session alive. */
export async function get<Row>(
  path: string,
  params?: AxiosRequestConfig['params'],
  query?: { readonly queryKey: QueryKey },
): Promise<Row> {
  const headers = query === undefined ? {} : backgroundHeaders(query);
  return fromTheDms(await http.get<Row>(path, { params, headers })).data;
}

/** @throws A page of a proxy, or of a network that wants a sign-in, has come instead. The DMS answers in JSON. */
export function fromTheDms<Row>(response: AxiosResponse<Row>): AxiosResponse<Row> {
  if (typeof response.data !== 'string') return response;
  throw new AxiosError('no JSON', NOT_THE_DMS, response.config, response.request, response);
}

const NOT_THE_DMS = 'NOT_THE_DMS';
/** Nothing was sent. */
export const OFFLINE = 'OFFLINE';

/** What went wrong, in words for the user: the DMS's own where it gave any. */
export function describeError(error: unknown): string {
  if (!isAxiosError(error)) return 'Something went wrong in this page.';
  if (error.code === OFFLINE) return 'You are offline. Nothing was sent.';
  if (error.code === NOT_THE_DMS) return 'Something else has answered in place of the server.';
  if (error.code === AxiosError.ECONNABORTED) return 'The server did not answer in time.';
  const body: unknown = error.response?.data;
  if (typeof body === 'object' && body !== null && 'detail' in body) return sentenceOf(String(body.detail));
  if (error.response === undefined) return 'The server cannot be reached.';
  return `The server answered with an error (${error.response.status}).`;
}

/** Whether what a query shows is not there any more, or is not for this user now. */
export function hasGone({ error }: { readonly error: unknown }): boolean {
  return isRefusal(error);
}

/** The HTTP status a request failed with, if the server answered at all. */
export function statusOf(error: unknown): number | undefined {
  return isAxiosError(error) ? error.response?.status : undefined;
}

/** The DMS names the field first: `signature: This is not your signature.` The form shows which one it is. */
export function sentenceOf(detail: string): string {
  const sentence = detail.replace(/^[a-z_]+: /, '');
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
