import type { Turn, Writer } from 'yoga-shared-subscriptions';

/**
 * Reports events when the turn in which they were delivered has written them to their sockets: once for a turn, however many sockets
 * there are. `from`: when the first of them was delivered, by `performance.now()`.
 */
export function watchWrittenEvents<Event>(
  turn: Turn,
  onWritten: (events: readonly Event[], from: number) => void,
): (delivered: readonly Event[]) => void {
  let underWay: Event[] = [];
  let from = 0;
  function report(): void {
    const written = underWay;
    underWay = [];
    onWritten(written, from);
  }
  // A microtask runs after all writers of the turn, wherever this one stands among them; where there are more than write at a time, after
  // the first of them.
  const writer: Writer = { flush: () => queueMicrotask(report) };
  return (delivered) => {
    if (delivered.length === 0) return;
    if (underWay.length === 0) {
      from = performance.now();
      turn.write(writer);
    }
    underWay.push(...delivered);
  };
}
