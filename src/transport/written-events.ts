import type { Turn, Writer } from 'yoga-shared-subscriptions';

/**
 * Reports events when the turn in which they were delivered has written them to their sockets: once for a turn, however many sockets
 * there are.
 */
export function watchWrittenEvents<Event>(
  turn: Turn,
  onWritten: (events: readonly Event[]) => void,
): (delivered: readonly Event[]) => void {
  let underWay: Event[] = [];
  function report(): void {
    const written = underWay;
    underWay = [];
    onWritten(written);
  }
  // A microtask runs after all writers of the turn, wherever this one stands among them.
  const writer: Writer = { flush: () => queueMicrotask(report) };
  return (delivered) => {
    if (delivered.length === 0) return;
    if (underWay.length === 0) turn.write(writer);
    underWay.push(...delivered);
  };
}
