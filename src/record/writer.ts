import { createChain, NO_LINE, withHash, withPrevious } from './chain.ts';
import { type EventName, type GapReason, isRefusal, type SecurityEntry, VERSION } from './schema.ts';
import { PROCESS_NAME, type SecurityLog } from './security-log.ts';

/** Takes finished lines, each with its line break. */
export interface LineSink {
  /**
   * Never throws, and never waits.
   * @param seq the number of the line.
   * @param hash its hash.
   * @param bytes its length.
   */
  write(line: string, seq: number, hash: string, bytes: number): void;
  /** Writes what waits, as far as that is possible soon. */
  close(): Promise<void>;
}

/**
 * Opens a sink. It reports how many lines it could not write, once it writes again.
 * @param onLost its `reason` is `destination` by default.
 */
export type OpenSink = (onLost: (lines: number, reason?: GapReason) => void) => LineSink;

export type SecurityLogLevel = 'all' | 'refusals';

export interface SecurityLogOptions {
  readonly level: SecurityLogLevel;
  readonly open: OpenSink;
  /** Default: lines are chained by a hash that everybody can compute. */
  readonly key?: string | undefined;
}

/** A log that is written. */
export interface OpenSecurityLog extends SecurityLog {
  close(): Promise<void>;
}

const HEAD = `{"channel":"security","version":${VERSION},`;
const END_BYTES = `${withHash('', NO_LINE)}\n`.length;
const PROCESS = JSON.stringify(PROCESS_NAME);

/** How many lines of an event clients without a session may cause at once, and in a second. What is more is counted. */
export const STRANGERS_AT_ONCE = 200;
export const STRANGERS_PER_SECOND = 20;
const SECOND_MS = 1000;

/** What clients without a session cause. Each event has a bound of its own: refused origins do not hide refused tokens. */
interface Flood {
  left: number;
  leftOut: number;
}

export function createSecurityLog({ level, open, key }: SecurityLogOptions): OpenSecurityLog {
  const chain = createChain(key);
  let seq = 0;
  let hash = NO_LINE;
  let isClosed = false;
  const floods = new Map<EventName, Flood>();
  let timer: NodeJS.Timeout | undefined;
  const sink = open((count, reason = 'destination') => write({ event: 'gap', reason, count, of: '*' }));

  /** The head is written as text: to put the fields into one object first would take ten times as long. */
  function write(entry: SecurityEntry): void {
    if (isClosed) return;
    seq += 1;
    const at = new Date().toISOString();
    const own = JSON.stringify(entry).slice(1, -1);
    const body = withPrevious(`${HEAD}"at":"${at}","process":${PROCESS},"seq":${seq},${own}`, hash);
    hash = chain.hash(body);
    // The hash has made one piece of the body. To count the bytes of the line would make one of that too, which doubles what is allocated.
    sink.write(`${withHash(body, hash)}\n`, seq, hash, Buffer.byteLength(body) + END_BYTES);
  }

  function isLeftOut(event: EventName): boolean {
    const flood = floods.get(event) ?? { left: STRANGERS_AT_ONCE, leftOut: 0 };
    floods.set(event, flood);
    timer ??= setInterval(everySecond, SECOND_MS).unref();
    flood.left -= 1;
    if (flood.left >= 0) return false;
    flood.leftOut += 1;
    return true;
  }

  function everySecond(): void {
    reportFloods();
    for (const [event, flood] of floods) {
      flood.left = Math.max(0, flood.left) + STRANGERS_PER_SECOND;
      if (flood.left >= STRANGERS_AT_ONCE) floods.delete(event);
    }
    if (floods.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  function reportFloods(): void {
    for (const [of, flood] of floods) {
      if (flood.leftOut > 0) write({ event: 'gap', reason: 'flood', count: flood.leftOut, of });
      flood.leftOut = 0;
    }
  }

  write({ event: 'log.opened', chain: chain.kind });
  return {
    note(entry) {
      if (level === 'refusals' && !isRefusal(entry.event)) return;
      if (isByStranger(entry) && isLeftOut(entry.event)) return;
      write(entry);
    },
    async close() {
      if (isClosed) return;
      clearInterval(timer);
      reportFloods();
      write({ event: 'log.closed' });
      isClosed = true;
      await sink.close();
    },
  };
}

/** Whether anybody who reaches the port can cause it. What the process or the DMS causes has no address. */
function isByStranger(entry: SecurityEntry): boolean {
  return 'address' in entry && !('session' in entry && entry.session !== undefined);
}
