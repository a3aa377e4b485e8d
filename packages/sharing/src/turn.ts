/**
 * Sends together what was produced in one turn of the event loop: first every audience delivers what it has gathered, then every
 * socket writes once. Where there are many sockets, other work gets a turn in between.
 */
export interface Turn {
  /** Runs a task when this turn ends. The task delivers to sockets what they will write. */
  gather(task: () => void): void;
  /** Flushes a socket when this turn ends, after all tasks, and after those sockets that asked before. */
  write(writer: Writer): void;
}

export interface Writer {
  flush(): void;
}

/** How many sockets write before other work gets a turn. Example: a ping is answered while 1,000 sockets get a burst of 100 events. */
const WRITES_AT_A_TIME = 256;
/**
 * What audiences deliver in between reaches the sockets that have not written yet together with what waits for them. After this number
 * of times all others write at once: where events come faster than they can be sent, they should wait in the network and not here.
 */
const MAX_TIMES = 8;

export function createTurn(onFailure: (error: unknown) => void): Turn {
  let gathering: (() => void)[] = [];
  let writing: Writer[] = [];
  /** Those that write now, and how many of them have. */
  let round: readonly Writer[] = [];
  let written = 0;
  /** How often something was delivered since the first of them wrote. */
  let times = 0;
  let isScheduled = false;

  function attempt(task: () => void): void {
    try {
      task();
    } catch (error) {
      onFailure(error); // the other clients are not disturbed
    }
  }

  function gather(): void {
    if (gathering.length === 0) return;
    const tasks = gathering;
    gathering = [];
    times += 1;
    for (const task of tasks) attempt(task);
  }

  function begin(): void {
    round = writing;
    writing = [];
    written = 0;
    times = 0;
  }

  function finish(): void {
    isScheduled = false;
    gather();
    if (written === round.length) begin();
    const end = times < MAX_TIMES ? Math.min(round.length, written + WRITES_AT_A_TIME) : round.length;
    for (const writer of round.slice(written, end)) attempt(() => writer.flush());
    written = end;
    if (written < round.length || writing.length > 0) schedule();
    else begin(); // keeps none of those that have written
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(finish);
  }

  return {
    gather(task) {
      gathering.push(task);
      schedule();
    },
    write(writer) {
      writing.push(writer);
      schedule();
    },
  };
}
