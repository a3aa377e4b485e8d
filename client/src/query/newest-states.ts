import type { Received } from './query-writer.ts';

/** The newest state of each kind and unit that was received: of a unit's key figures, the last snapshot. */
export function createNewestStates() {
  const newest = new Map<string, Received>();
  return {
    note(received: Received): void {
      const { kind, entities } = received.change;
      if (kind.subscription.isState)
        newest.set(`${kind.entity}:${String(entities[0]?.['unitId'])}`, received);
    },
    all: (): readonly Received[] => [...newest.values()],
    forget: () => newest.clear(),
  };
}
