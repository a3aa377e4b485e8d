/**
 * What the event loop produced in one turn leaves together: first every audience hands out what it has gathered, then every
 * socket writes what it was handed, once.
 */
export interface Turn {
  /** Runs when this turn ends: gathers what sockets will write. */
  gather(task: () => void): void;
  /** Is flushed after all that gathers. */
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
      onFailure(error); // one client's trouble is not another's
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
