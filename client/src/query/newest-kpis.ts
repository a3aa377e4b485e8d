import type { Change } from './change.ts';
import { isLater } from './instants.ts';

/**
 * Answers whether a snapshot is older than one of the same unit that was received before: two connections, or two publishers, may
 * overtake each other, and what a query shows does not always say when it was computed.
 */
export function createOutdatedKpis(): (change: Change) => boolean {
  const newest = new Map<string, string>();
  return ({ kind, entities: [snapshot] }) => {
    const computedAt = snapshot?.['computedAt'];
    if (kind !== 'kpis' || typeof computedAt !== 'string') return false;
    const unit = String(snapshot?.['unitId'] ?? '');
    const known = newest.get(unit);
    if (known !== undefined && isLater(known, computedAt)) return true;
    newest.set(unit, computedAt);
    return false;
  };
}
