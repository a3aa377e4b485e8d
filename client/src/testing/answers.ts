import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type SubscriptionForwarder, stringifyDocument } from '@urql/core';

/** Answers queries and mutations as a test says. */
export interface Answers {
  set<Data, Variables>(document: TypedDocumentNode<Data, Variables>, data: Data): void;
  to(body: Parameters<SubscriptionForwarder>[0]): ReturnType<SubscriptionForwarder>;
}

export function createAnswers(): Answers {
  const answers = new Map<string | undefined, unknown>();
  return {
    set: (document, data) => void answers.set(stringifyDocument(document), data),
    to: ({ query, operationName }) => ({
      subscribe(sink) {
        let isStopped = false;
        queueMicrotask(() => {
          if (isStopped) return;
          const data = answers.get(query);
          const message = `The fake client has no answer to ${operationName}: call its answer() first.`;
          sink.next(data === undefined ? { errors: [{ message }] } : { data });
          sink.complete();
        });
        return {
          unsubscribe() {
            isStopped = true;
          },
        };
      },
    }),
  };
}
