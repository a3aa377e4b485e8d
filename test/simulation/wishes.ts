import type { Topic } from '../../src/events/topic-names.ts';
import type { Entry } from './data.ts';

/** The person who subscribes. */
export interface Viewer {
  readonly userId: string;
  readonly unitId: string;
  readonly isAdmin: boolean;
}

/** The wanted events of a subscription. They also depend on the viewer. */
export interface Wish {
  readonly kind: 'crate' | 'sendback' | 'kpis';
  /** `own`: the viewer's unit, or for an admin all units. `mine`: events that are addressed to the viewer. */
  readonly of: 'own' | 'mine';
  /** Only events of this crate. */
  readonly crateId?: string;
}

export const UNITS = ['5', '7'] as const;
export const USERS = ['17', '18'] as const;

export function topicOf({ kind, of }: Wish, { unitId, userId, isAdmin }: Viewer): Topic {
  if (of === 'mine') return { kind: 'sendback', userId };
  if (!isAdmin) return { kind, unitId };
  return kind === 'kpis' ? { kind, all: 'together' } : { kind, all: 'units' };
}

export const isNewestOnly = ({ kind }: Wish): boolean => kind === 'kpis';

export function describeWish({ kind, of, crateId }: Wish, viewer: Viewer): string {
  const whose =
    of === 'mine' ? `to user ${viewer.userId}` : viewer.isAdmin ? 'of all units' : `of unit ${viewer.unitId}`;
  return `${kind} events ${whose}${crateId === undefined ? '' : ` about crate ${crateId}`}`;
}

/** The id of an event contains everything that the truth must know about it. */
export const idOf = (number: number, crateId: string): string => `${number}.c${crateId}`;
/** The id of a snapshot contains its time in milliseconds; `null` if it has none. */
export const snapshotIdOf = (number: number, computedAt: number | null): string =>
  `${number}.k${computedAt ?? ''}`;
export function computedAtOf(eventId: string): number | null {
  const written = /\.k(\d+)$/.exec(eventId)?.[1];
  return written === undefined ? null : Number(written);
}
/** The id of an event from another installation, which no client here may receive. */
export const foreignIdOf = (number: number): string => `foreign ${number}`;
export const isForeign = (eventId: string): boolean => eventId.startsWith('foreign');
/** The id of an event that breaks the contract, so no client may receive it. */
export const badIdOf = (number: number): string => `${number}.bad`;

export const isBad = (eventId: string): boolean => eventId.endsWith('.bad');

export function isWanted({ crateId }: Wish, { eventId }: Entry): boolean {
  return !isBad(eventId) && (crateId === undefined || eventId.endsWith(`.c${crateId}`));
}

const occurredAt = '2026-11-22T09:30:00Z';

/** An event of a kind, as a publisher writes it. */
export function writeEvent(kind: Wish['kind'], unitId: string | null, id: string, crateId: string): string {
  switch (kind) {
    case 'crate':
      return JSON.stringify({
        id,
        occurredAt,
        action: 'UPDATED',
        crate: { id: crateId, status: 'Active', unitId },
      });
    case 'sendback':
      return JSON.stringify({ id, occurredAt, action: 'CREATED', sendBack: { id: crateId, unitId } });
    default:
      return JSON.stringify({ id, unitId, computedAt: writeInstant(computedAtOf(id)) });
  }
}

const writeInstant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** An entry that takes an offset in its log, but is delivered to no client. */
export const writeBadEvent = (id: string): string =>
  JSON.stringify({ id, occurredAt, action: 'NO SUCH', computedAt: 'NO SUCH' });
