/**
 * What the event loop produced in one turn leaves together: first every audience hands out what it has gathered, then every
 * socket writes what it was handed, once.
 */
export interface Turn {
  /** Runs when this turn ends: gathers what sockets will write. */
  gather(task: () => void): void;
  /** Runs after all that gathers. */
  write(task: () => void): void;
}

export function createTurn(onFailure: (error: unknown) => void): Turn {
  let gathering: (() => void)[] = [];
  let writing: (() => void)[] = [];
  let isScheduled = false;

  function run(tasks: readonly (() => void)[]): void {
    for (const task of tasks) {
      try {
        task();
      } catch (error) {
        onFailure(error); // one client's trouble is not another's
      }
    }
  }

  function finish(): void {
    isScheduled = false;
    const toGather = gathering;
    gathering = [];
    run(toGather);
    const toWrite = writing;
    writing = [];
    run(toWrite);
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
    write(task) {
      writing.push(task);
      schedule();
    },
  };
}
