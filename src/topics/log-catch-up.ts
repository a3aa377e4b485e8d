import type { BusMessage, LogEntry } from '../bus/bus.ts';
import { messageOf } from '../errors.ts';
import type { LogPage } from './log-reader.ts';

export interface CatchUpSteps {
  /** Whether the events are still wanted. */
  readonly isWanted: () => boolean;
  /** Reads what follows on the last position. */
  readonly readPage: () => Promise<LogPage>;
  /** Delivers entries of the log. Returns what is wrong with them, if anything. */
  readonly deliver: (entries: readonly LogEntry[]) => string | undefined;
  /**
   * The log has been read: takes the messages that waited. Returns the first that still lacks what comes before it, if any; then the
   * log is requested again.
   */
  readonly finish: () => BusMessage | undefined;
  readonly onLost: (reason: string) => void;
  /** Redis lets nobody read the log. */
  readonly onRefused: (reason: string) => void;
}

/** Reads a log until nothing is missing. */
export interface CatchUp {
  /** The log has to be read. If a run is under way, it reads once more. */
  request(): void;
  readonly isRequested: boolean;
  /** Reads what was requested. Resolves when that is done. If a run is under way, it joins that run. */
  run(): Promise<void>;
  /** The run that is under way, if any. */
  readonly underWay: Promise<void> | undefined;
}

export function createCatchUp(steps: CatchUpSteps): CatchUp {
  let isRequested = false;
  let underWay: Promise<void> | undefined;

  /** Ends in the same step in which it finds that nothing more is requested, so that no request is lost in between. */
  async function readOn(): Promise<void> {
    try {
      for (let stuck: BusMessage | undefined; isRequested && steps.isWanted(); ) {
        isRequested = false;
        const page = await steps.readPage();
        if (!steps.isWanted()) return;
        const fault = page.fault ?? steps.deliver(page.entries);
        if (fault !== undefined) return steps.onLost(fault);
        isRequested ||= page.isFull;
        if (isRequested) continue;
        const next = steps.finish();
        // It still lacks what comes before it, although the log was read after it came.
        if (next !== undefined && next === stuck) return steps.onLost('the log has a hole');
        stuck = next;
      }
    } catch (error) {
      steps.onRefused(messageOf(error));
    } finally {
      underWay = undefined;
    }
  }

  return {
    request() {
      isRequested = true;
    },
    get isRequested() {
      return isRequested;
    },
    run() {
      underWay ??= readOn();
      return underWay;
    },
    get underWay() {
      return underWay;
    },
  };
}
