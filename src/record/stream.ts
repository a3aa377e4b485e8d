import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { PROCESS_NAME } from './security-log.ts';
import type { LineSink, OpenSink } from './writer.ts';

/** An entry of the stream: a line as it stands in the log, or an anchor. */
export interface StreamEntry {
  readonly field: 'line' | 'anchor';
  readonly text: string;
}

/** Adds entries to the stream: all of them, or it rejects. Those that were added may then be added once more. */
export type AddEntries = (entries: readonly StreamEntry[]) => Promise<void>;

export interface StreamOptions {
  /** Whether each line is added, or anchors only. */
  readonly takesLines: boolean;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

export interface LineStream {
  readonly open: OpenSink;
  /** What comes before waits: a process writes its first lines before it is connected. */
  connect(add: AddEntries): void;
}

/** How long lines wait for others that go with them, in milliseconds. */
const GATHER_MS = 100;
/** How many entries go at a time. */
const MAX_BATCH = 500;
/** How much may wait while Redis takes nothing, in characters: some seven thousand lines. */
const MAX_WAITING = 4_194_304;
/** How long to wait before the same entries are tried again, in milliseconds. */
const RETRY_MS = 1000;
/** How long a stop waits for Redis, in milliseconds. */
const PATIENCE_MS = 1000;
/** How often the newest line is anchored, if there is a newer one, in milliseconds. */
export const ANCHOR_MS = 60_000;

/** Adds lines and anchors to a stream in Redis, beside the event loop. While Redis takes nothing, lines wait, then they are counted. */
export function createLineStream({ takesLines, log }: StreamOptions): LineStream {
  const queue = createQueue(log);

  return {
    connect: queue.connect,
    open(onLost): LineSink {
      let newest: { readonly seq: number; readonly hash: string } | undefined;
      let anchoredSeq = 0;
      const anchor = (): void => {
        if (newest === undefined || newest.seq === anchoredSeq) return;
        anchoredSeq = newest.seq;
        const text = JSON.stringify({ process: PROCESS_NAME, ...newest, at: new Date().toISOString() });
        queue.add({ field: 'anchor', text });
      };
      const timer = setInterval(anchor, ANCHOR_MS).unref();
      queue.onLost = (count) => onLost(count, 'stream');
      return {
        write(line, seq, hash) {
          if (takesLines) queue.add({ field: 'line', text: line.trimEnd() });
          const isFirst = newest === undefined;
          newest = { seq, hash };
          if (isFirst) anchor(); // nobody can remove all lines of a process without a trace
        },
        async close() {
          clearInterval(timer);
          anchor();
          await queue.close();
        },
      };
    },
  };
}

function createQueue(log: StreamOptions['log']) {
  let waiting: StreamEntry[] = [];
  let size = 0;
  let lost = 0;
  let give: AddEntries | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isSending = false;
  let isRefused = false;
  let onSettled: (() => void) | undefined;

  function schedule(ms: number): void {
    if (give === undefined || isSending) return;
    timer ??= setTimeout(() => void send(), ms).unref();
  }

  async function send(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (give === undefined || isSending) return;
    isSending = true;
    while (waiting.length > 0 && (await isTaken(give)));
    isSending = false;
    if (waiting.length > 0) schedule(RETRY_MS);
    onSettled?.();
  }

  async function isTaken(add: AddEntries): Promise<boolean> {
    const batch = waiting.slice(0, MAX_BATCH);
    try {
      await add(batch);
    } catch (error) {
      if (!isRefused) log.warn({ reason: messageOf(error) }, 'the stream takes no lines of the security log');
      isRefused = true;
      return false;
    }
    if (isRefused) log.info('the stream takes lines of the security log again');
    isRefused = false;
    waiting = waiting.slice(batch.length);
    size -= batch.reduce((sum, { text }) => sum + text.length, 0);
    const count = lost;
    lost = 0;
    if (count > 0) queue.onLost(count);
    return true;
  }

  const queue = {
    /** Called with how many lines were left out, once Redis takes some again. */
    onLost: (_count: number): void => undefined,
    connect(add: AddEntries): void {
      give = add;
      schedule(0);
    },
    add(entry: StreamEntry): void {
      if (size + entry.text.length > MAX_WAITING) {
        if (entry.field === 'line') lost += 1;
        return;
      }
      waiting.push(entry);
      size += entry.text.length;
      schedule(isRefused ? RETRY_MS : GATHER_MS);
    },
    /** Gives what waits, if Redis takes it soon. */
    async close(): Promise<void> {
      if (give !== undefined && waiting.length > 0)
        await new Promise<void>((resolve) => {
          onSettled = resolve;
          setTimeout(resolve, PATIENCE_MS).unref();
          void send();
        });
      clearTimeout(timer);
      give = undefined;
    },
  };
  return queue;
}
