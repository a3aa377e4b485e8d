import type { Plugin } from 'graphql-yoga';
import type { OperationContext } from '../graphql/context.ts';
import type { OperationLog } from '../graphql/operation-log.ts';
import type { ServerContext } from './server-context.ts';

/** What becomes of HTTP requests, for the security log. */
export interface RequestRecord {
  /** Whatever is refused of this request is noted by others, or has been. */
  isDone(request: Request): void;
  /** Operations that come this far are noted: queries and mutations here, subscriptions where they are shared. */
  readonly reached: Plugin<OperationContext>;
  /** Runs queries and mutations under the eyes of the security log, over all transports. */
  readonly running: Plugin<OperationContext>;
  /** Notes what was refused before: what could not be read, or is not done in this way. */
  readonly others: Plugin<object, ServerContext>;
}

/** With these Yoga answers what it cannot read, or not in a form that its client takes. No error comes with them. */
const UNREADABLE: readonly number[] = [406, 415];

export function recordRequests(
  operations: Pick<OperationLog, 'run' | 'refused' | 'closedFor'>,
): RequestRecord {
  const done = new WeakSet<Request>();
  const noted = new WeakSet<Request>();
  const isDone = ({ request }: OperationContext): void => {
    if (request !== undefined) done.add(request);
  };
  return {
    isDone: (request) => void done.add(request),
    reached: {
      onExecute: ({ args }) => isDone(args.contextValue),
      onSubscribe({ args }) {
        if (args.contextValue.session !== undefined) isDone(args.contextValue);
      },
    },
    running: {
      onExecute({ executeFn, setExecuteFn }) {
        setExecuteFn((args) => operations.run(args, () => executeFn(args)));
      },
    },
    others: {
      onResultProcess({ request, result, serverContext: { session, visitor } }) {
        const sender = session ?? visitor;
        if (sender === undefined || done.has(request)) return;
        if (!('errors' in result) || result.errors === undefined) return;
        noted.add(request);
        operations.refused(sender, result.errors);
      },
      onResponse({ request, response: { status }, serverContext }) {
        const sender = serverContext?.session ?? serverContext?.visitor;
        if (sender !== undefined && UNREADABLE.includes(status) && !noted.has(request))
          operations.closedFor(sender, status);
      },
    },
  };
}
