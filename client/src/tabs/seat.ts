import type { Link } from '../connection/link.ts';
import type { Phase } from '../connection/status-store.ts';
import { after } from '../connection/timer.ts';
import type { Transport } from '../connection/types.ts';
import { createWatchdog, type Watchdog } from '../connection/watchdog.ts';
import type { FromLeader } from './messages.ts';
import { createSeatRuns, type SeatRunsOptions } from './seat-runs.ts';

export interface SeatOptions extends SeatRunsOptions {
  readonly heartbeatMs: number;
  readonly onLink: (link: Link) => void;
  readonly onLinkGone: () => void;
  readonly show: (phase: Phase) => void;
  /** A tab leads, and answers. */
  readonly onLeader: () => void;
  /** No tab leads: the one that did does not answer, or has left. */
  readonly onNoLeader: (how: 'mute' | 'left') => void;
}

/** How a tab, also the one that leads, uses the link of the tab that leads. */
export interface Seat {
  receive(message: FromLeader): void;
  /** Asks who leads. From now on it is watched whether that tab answers. */
  ask(): void;
  /** Looks whether the tab that leads is still there. */
  check(): void;
  /** Its own tab leads: it need not be watched. */
  leads(): void;
  /** Lets go of the link. */
  leave(): void;
}

export function createSeat(options: SeatOptions): Seat {
  const { tab, heartbeatMs, post } = options;
  let leader: string | undefined;
  let link: number | undefined;
  let shown = '';
  let phase: Phase | undefined;
  const runs = createSeatRuns(options);
  let watchdog: Watchdog | undefined;
  let cancelHurry: () => void = () => undefined;

  function dropLink(): void {
    if (link === undefined) return;
    link = undefined;
    runs.forget();
    options.onLinkGone();
  }

  function show(next: Phase): void {
    const text = JSON.stringify(next);
    if (text === shown) return; // it was only an answer
    shown = text;
    phase = next;
    cancelHurry();
    // The timers of a tab that nobody sees are slow; this one's may not be.
    if (next.phase === 'reconnecting')
      cancelHurry = after(next.retryAt - Date.now(), () => post({ kind: 'hurry', tab }));
    options.show(next);
  }

  /** While no tab leads, the screen does not say "Live". */
  function lostLeader(how: 'mute' | 'left'): void {
    leader = undefined;
    if (phase?.phase === 'live') show({ phase: 'connecting', transport: phase.transport });
    dropLink();
    options.onNoLeader(how);
  }

  function adopt(next: number, transport: Transport): void {
    if (link === next) return;
    link = next;
    options.onLink({
      transport,
      isRenewable: false, // the tab that leads renews it
      run: runs.begin(next),
      check: () => watchdog?.check(),
      close: () => undefined,
    });
  }

  function watch(): void {
    watchdog?.stop();
    watchdog = createWatchdog(heartbeatMs, () => post({ kind: 'hello', tab }), isMute);
  }

  function isMute(): void {
    lostLeader('mute');
    watch();
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
          lostLeader('left');
          post({ kind: 'hello', tab }); // the next one may lead already
          break;
        default:
          runs.receive(message);
      }
    },
    ask() {
      watch();
      watchdog?.check();
    },
    check: () => watchdog?.check(),
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
