import type { Fault, LinkRequest, Past, Result } from '../connection/link.ts';
import type { Phase } from '../connection/status-store.ts';

/** What a tab says to the tab that leads. `tab` names it, `run` an operation that it wants. */
export type ToLeader =
  /** Who leads, and is it still there? Answered by `state`. */
  | { readonly kind: 'hello'; readonly tab: string }
  /** Its user is waiting: make the next attempt now. `reconnect`: also if the connection has stopped. */
  | { readonly kind: 'hurry' | 'reconnect'; readonly tab: string }
  /** @property link the one that was reported: what is meant for an earlier one comes too late. */
  | {
      readonly kind: 'run';
      readonly tab: string;
      readonly run: number;
      readonly link: number;
      readonly request: LinkRequest;
    }
  | { readonly kind: 'stop'; readonly tab: string; readonly run: number };

/** Where an operation stands for a run that joins it late. */
export interface Standing {
  readonly cursor: string | undefined;
  /** The newest state, where it delivers states. */
  readonly newest: Result | undefined;
}

/** What the tab that leads says to all others. */
export type FromLeader = { readonly leader: string } & (
  | {
      readonly kind: 'state';
      readonly phase: Phase;
      /** Counts the links that have opened. `undefined`: none is open. */
      readonly link: number | undefined;
    }
  /** It leads no longer. */
  | { readonly kind: 'left' }
  /** From here on a run gets what this operation delivers. */
  | {
      readonly kind: 'feed';
      readonly tab: string;
      readonly run: number;
      readonly operation: number;
      readonly standing: Standing | undefined;
    }
  | { readonly kind: 'next'; readonly operation: number; readonly result: Result }
  | { readonly kind: 'position'; readonly operation: number; readonly cursor: string }
  | { readonly kind: 'past'; readonly operation: number; readonly past: Past }
  | { readonly kind: 'ended'; readonly operation: number; readonly faults: readonly Fault[] }
);

/** `Omit` for each member of a union. */
export type WithoutLeader<Message> = Message extends unknown ? Omit<Message, 'leader'> : never;

export type TabMessage = ToLeader | FromLeader;

export function isFromLeader(message: TabMessage): message is FromLeader {
  return 'leader' in message;
}
