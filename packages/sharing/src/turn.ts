/**
 * Sends together what was produced in one turn of the event loop: first every audience delivers what it has gathered, then every
 * socket writes once.
 */
export interface Turn {
  /** Runs a task when this turn ends. The task delivers to sockets what they will write. */
  gather(task: () => void): void;
  /** Flushes a socket when this turn ends, after all tasks. */
  write(writer: Writer): void;
}

export interface Writer {
  flush(): void;
}

export function createTurn(onFailure: (error: unknown) => void): Turn {
  let gathering: (() => void)[] = [];
  let writing: Writer[] = [];
  let isScheduled = false;

  function attempt(task: () => void): void {
    try {
      task();
    } catch (error) {
      onFailure(error); // the other clients are not disturbed
    }
  }

  function finish(): void {
    isScheduled = false;
    const toGather = gathering;
    gathering = [];
    for (const task of toGather) attempt(task);
    const toWrite = writing;
    writing = [];
    for (const writer of toWrite) attempt(() => writer.flush());
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
