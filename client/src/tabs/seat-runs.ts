import { type Link, type LinkRequest, type LinkSink, withoutTime } from '../connection/link.ts';
import type { FromLeader, ToLeader } from './messages.ts';

interface Run {
  readonly sink: LinkSink;
  operation: number | undefined;
  /** It was moved to another operation: the times of its events may be by another clock than `past` was. */
  hasMoved: boolean;
}

export interface SeatRunsOptions {
  readonly tab: string;
  readonly post: (message: ToLeader) => void;
  /** There are too many operations for one link. */
  readonly onFull: () => void;
}

/** What a tab has asked the tab that leads to run over the present link. */
export interface SeatRuns {
  /** From now on it is run over this link; what was run over another is over. */
  begin(link: number): Link['run'];
  forget(): void;
  /** Gives what an operation delivers to the runs that it feeds. */
  receive(message: Extract<FromLeader, { kind: 'feed' | 'next' | 'position' | 'past' | 'ended' }>): void;
}

export function createSeatRuns({ tab, post, onFull }: SeatRunsOptions): SeatRuns {
  let runs = new Map<number, Run>();
  let count = 0;

  /** The runs that an operation feeds. */
  function* fedBy(operation: number): Generator<[number, Run]> {
    for (const [number, run] of [...runs])
      if (run.operation === operation && runs.get(number) === run) yield [number, run];
  }

  return {
    begin(link) {
      const own = new Map<number, Run>();
      runs = own;
      return (request: LinkRequest, sink: LinkSink) => {
        count += 1;
        const run = count;
        own.set(run, { sink, operation: undefined, hasMoved: false });
        post({ kind: 'run', tab, run, link, request });
        return () => {
          if (own.delete(run) && own === runs) post({ kind: 'stop', tab, run });
        };
      };
    },
    forget() {
      runs = new Map();
    },
    receive(message) {
      switch (message.kind) {
        case 'feed': {
          const run = message.tab === tab ? runs.get(message.run) : undefined;
          if (run === undefined) return;
          run.hasMoved = run.operation !== undefined;
          run.operation = message.operation;
          const { newest, cursor } = message.standing ?? {};
          if (newest !== undefined) run.sink.next(newest);
          if (cursor !== undefined) run.sink.position(cursor);
          break;
        }
        case 'next':
          for (const [, { sink, hasMoved }] of fedBy(message.operation))
            sink.next(hasMoved ? withoutTime(message.result) : message.result);
          break;
        case 'position':
          for (const [, { sink }] of fedBy(message.operation)) sink.position(message.cursor);
          break;
        case 'past':
          for (const [, { sink }] of fedBy(message.operation)) sink.past(message.past);
          break;
        case 'ended':
          if (message.faults[0]?.extensions?.code === 'LIMIT_EXCEEDED') {
            if (!fedBy(message.operation).next().done) onFull();
            return;
          }
          for (const [number, { sink }] of fedBy(message.operation)) {
            runs.delete(number);
            sink.ended(message.faults);
          }
      }
    },
  };
}
