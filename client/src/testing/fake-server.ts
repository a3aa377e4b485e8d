import type { Link, LinkRequest, LinkSink } from '../connection/link.ts';
import type { LiveRefusal, Transport } from '../connection/types.ts';
import { STATES } from '../generated/states.ts';

interface Emitted {
  readonly query: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Only for subscriptions that have these. */
  readonly variables: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly request: LinkRequest;
  readonly sink: LinkSink;
}

/** The other side of a fake client. It answers as a server does: in order, with cursors, and with what was missed. */
export interface FakeServer {
  openLink(transport: Transport): Link;
  emit(emitted: Emitted): void;
  /** Forgets what was emitted, so that nobody can resume. */
  forget(): void;
  refuse(query: string, refusal: LiveRefusal): void;
  /** Serves it again, over the links to come. */
  allow(query: string): void;
}

export function createFakeServer(): FakeServer {
  const log: Emitted[] = [];
  const refusals = new Map<string, LiveRefusal>();
  const running = new Set<Operation>();
  /** Cursors before this position have expired. */
  let firstKnown = 0;

  function deliver({ request, sink }: Operation, position: number): void {
    const emitted = log[position];
    if (emitted === undefined || !isFor(emitted, request)) return;
    sink.next({ data: emitted.data, extensions: { cursor: `${position + 1}` } });
  }

  function end(operation: Operation, { code, message }: LiveRefusal): void {
    running.delete(operation);
    operation.sink.ended([{ message, extensions: { code } }]);
  }

  function begin(operation: Operation): void {
    const { query, after, pastMs } = operation.request;
    const refusal = refusals.get(query);
    if (refusal !== undefined) end(operation, refusal);
    else if (after !== undefined && Number(after) < firstKnown) end(operation, EXPIRED);
    else {
      running.add(operation);
      if (after === undefined && pastMs !== undefined) operation.sink.past({ ms: pastMs, now: 0 }); // the test has emitted nothing meanwhile
      const first = after === undefined ? newestState(operation.request) : Number(after);
      for (let position = first; position < log.length; position += 1) deliver(operation, position);
      operation.sink.position(`${log.length}`);
    }
  }

  /** A new subscription gets the newest state at once, and of events only those to come. */
  function newestState(request: LinkRequest): number {
    for (let position = log.length - 1; position >= firstKnown; position -= 1) {
      const emitted = log[position];
      if (emitted !== undefined && isState(emitted) && isFor(emitted, request)) return position;
    }
    return log.length;
  }

  return {
    openLink: (transport) => ({
      transport,
      isRenewable: true,
      run(request, sink) {
        const operation = { request, sink };
        let isStopped = false;
        queueMicrotask(() => {
          if (!isStopped) begin(operation);
        });
        return () => {
          isStopped = true;
          running.delete(operation);
        };
      },
      check: () => undefined,
      close: () => undefined,
    }),
    emit(emitted) {
      log.push(emitted);
      for (const operation of [...running]) if (running.has(operation)) deliver(operation, log.length - 1);
    },
    forget() {
      firstKnown = log.length + 1; // also for those who know everything up to here
      log.push(NOTHING);
      for (const operation of [...running]) end(operation, EXPIRED);
    },
    allow: (query) => void refusals.delete(query),
    refuse(query, refusal) {
      refusals.set(query, refusal);
      for (const operation of [...running]) if (operation.request.query === query) end(operation, refusal);
    },
  };
}

const EXPIRED: LiveRefusal = { code: 'CURSOR_EXPIRED', message: 'The test has lost events.' };
const NOTHING: Emitted = { query: '', data: {}, variables: {} };

const isState = ({ data }: Emitted): boolean => Object.keys(data).some((field) => STATES.has(field));

const isFor = ({ query, variables }: Emitted, request: LinkRequest): boolean =>
  query === request.query &&
  Object.entries(variables).every(([name, value]) => String(request.variables[name]) === String(value));
