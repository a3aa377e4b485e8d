import { type Link, type LinkSink, withoutTime } from '../connection/link.ts';
import type { Phase } from '../connection/status-store.ts';
import { after } from '../connection/timer.ts';
import type { Transport } from '../connection/types.ts';
import { createWatchdog, type Watchdog } from '../connection/watchdog.ts';
import type { FromLeader, ToLeader } from './messages.ts';

export interface SeatOptions {
  readonly tab: string;
  readonly heartbeatMs: number;
  readonly post: (message: ToLeader) => void;
  readonly onLink: (link: Link) => void;
  readonly onLinkGone: () => void;
  readonly show: (phase: Phase) => void;
  /** A tab leads, and answers. */
  readonly onLeader: () => void;
  /** No tab leads: the one that did does not answer, or has left. */
  readonly onNoLeader: (how: 'mute' | 'left') => void;
  /** There are too many operations for one link. */
  readonly onFull: () => void;
}

/** How a tab, also the one that leads, uses the link of the tab that leads. */
export interface Seat {
  receive(message: FromLeader): void;
  /** Asks who leads. From now on it is watched whether that tab answers. */
  ask(): void;
  /** Its own tab leads: it need not be watched. */
  leads(): void;
  /** Lets go of the link. */
  leave(): void;
}

interface Run {
  readonly sink: LinkSink;
  operation: number | undefined;
  /** It was moved to another operation: the times of its events may be by another clock than `past` was. */
  hasMoved: boolean;
}

export function createSeat(options: SeatOptions): Seat {
  const { tab, heartbeatMs, post } = options;
  let leader: string | undefined;
  let link: number | undefined;
  let shown = '';
  let count = 0;
  let runs = new Map<number, Run>();
  let watchdog: Watchdog | undefined;
  let cancelHurry: () => void = () => undefined;

  function dropLink(): void {
    if (link === undefined) return;
    link = undefined;
    runs = new Map();
    options.onLinkGone();
  }

  function show(phase: Phase): void {
    const text = JSON.stringify(phase);
    if (text === shown) return; // it was only an answer
    shown = text;
    cancelHurry();
    // The timers of a tab that nobody sees are slow; this one's may not be.
    if (phase.phase === 'reconnecting')
      cancelHurry = after(phase.retryAt - Date.now(), () => post({ kind: 'hurry', tab }));
    options.show(phase);
  }

  function adopt(next: number, transport: Transport): void {
    if (link === next) return;
    link = next;
    const own = new Map<number, Run>();
    runs = own;
    options.onLink({
      transport,
      isRenewable: false, // the tab that leads renews it
      run(request, sink) {
        count += 1;
        const run = count;
        own.set(run, { sink, operation: undefined, hasMoved: false });
        post({ kind: 'run', tab, run, link: next, request });
        return () => {
          if (own.delete(run) && own === runs) post({ kind: 'stop', tab, run });
        };
      },
      check: () => watchdog?.check(),
      close: () => undefined,
    });
  }

  function watch(): void {
    watchdog?.stop();
    watchdog = createWatchdog(heartbeatMs, () => post({ kind: 'hello', tab }), isMute);
  }

  function isMute(): void {
    leader = undefined;
    dropLink();
    options.onNoLeader('mute');
    watch();
  }

  /** The runs that an operation feeds. */
  function* fedBy(operation: number): Generator<[number, Run]> {
    for (const [number, run] of [...runs])
      if (run.operation === operation && runs.get(number) === run) yield [number, run];
  }

  return {
    receive(message) {
      if (message.kind === 'state' && message.leader !== leader) {
        dropLink();
        leader = message.leader;
        options.onLeader();
      }
      if (message.leader !== leader) return;
      watchdog?.received();
      switch (message.kind) {
        case 'state':
          show(message.phase);
          if (message.link === undefined || message.phase.phase !== 'live') dropLink();
          else adopt(message.link, message.phase.transport);
          break;
        case 'left':
          leader = undefined;
          dropLink();
          options.onNoLeader('left');
          post({ kind: 'hello', tab }); // the next one may lead already
          break;
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
            if (!fedBy(message.operation).next().done) options.onFull();
            return;
          }
          for (const [number, { sink }] of fedBy(message.operation)) {
            runs.delete(number);
            sink.ended(message.faults);
          }
      }
    },
    ask() {
      watch();
      watchdog?.check();
    },
    leads() {
      watchdog?.stop();
      watchdog = undefined;
    },
    leave() {
      watchdog?.stop();
      watchdog = undefined;
      cancelHurry();
      leader = undefined;
      dropLink();
    },
  };
}
