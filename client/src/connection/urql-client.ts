import { Client, fetchExchange, type SubscriptionForwarder, subscriptionExchange } from '@urql/core';
import { type SendDocuments, sendByHash } from './sent-document.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Tokens } from './tokens.ts';

/**
 * urql on the live connection: its subscriptions are followed like all others, so equal ones share an operation; its queries and
 * mutations go by HTTP. Nothing is cached: the app's data lives in TanStack Query.
 */
export function createUrqlClient(
  url: string,
  follow: Subscriptions['follow'],
  tokens: Tokens,
  documents: SendDocuments,
): Client {
  return new Client({
    url,
    preferGetMethod: false,
    fetch: createAuthorizedFetch(tokens),
    exchanges: [
      subscriptionExchange({ forwardSubscription: forwardTo(follow) }),
      sendByHash(documents),
      fetchExchange,
    ],
  });
}

/** urql's subscriptions, followed like all others. */
export function forwardTo(follow: Subscriptions['follow']): SubscriptionForwarder {
  return (_body, { query, variables }) => ({
    subscribe(sink) {
      const unsubscribe = follow(query, variables, {
        event: (data) => sink.next({ data }),
        refused({ code, message }) {
          unsubscribe();
          sink.next({ errors: [{ message, extensions: { code } }] });
          sink.complete();
        },
      });
      return { unsubscribe };
    },
  });
}

/** `fetch` with the token; where that is refused, once more with another one. */
function createAuthorizedFetch(tokens: Tokens): typeof fetch {
  return async (input, init) => {
    const send = (token: string): Promise<Response> => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${token}`);
      return fetch(input, { ...init, headers });
    };
    const token = await tokens.current();
    const response = await send(token);
    return response.status === 401 ? send(await tokens.insteadOf(token)) : response;
  };
}
