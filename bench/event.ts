import { randomUUID } from 'node:crypto';
import { monotonicMs } from './support/clock.ts';

/** The subscription of every socket: some twenty fields, which is nearly the whole event. */
export const QUERY = `subscription Follow($unitId: ID) {
  requestUpdated(unitId: $unitId) {
    id action occurredAt
    actor { id name role }
    request {
      id requestType status unitId createdAt expectedReturnDate
      crate { id status storage { id roomName rackName shelfName } }
      createdBy { id name role }
      approvedBy { id name }
    }
  }
}`;

/** The prefix of `actor.name`, which carries the time of publishing. */
const STAMP = 'Noor at ';
const STAMP_PATTERN = new RegExp(`${STAMP}(\\d+\\.\\d+)`);

export const channelOf = (unit: number): string => `dms:request:unit:${unit}`;

/**
 * An event as a publisher writes it, of about 0.6 KB.
 * @param padding how many bytes larger the event is.
 */
export function createMessage(unit: number, padding = 0): string {
  return JSON.stringify({
    id: randomUUID(),
    action: 'APPROVED',
    occurredAt: new Date().toISOString(),
    actor: { id: '9', name: STAMP + monotonicMs().toFixed(3), role: `QC${'.'.repeat(padding)}` },
    request: {
      id: '4821',
      requestType: 'WITHDRAWAL',
      status: 'APPROVED',
      unitId: `${unit}`,
      createdAt: '2026-11-20T08:15:00Z',
      expectedReturnDate: '2026-12-20',
      crate: {
        id: '301',
        status: 'ACTIVE',
        unitId: `${unit}`,
        storage: {
          id: '70',
          unitId: `${unit}`,
          roomName: 'Room 1',
          rackName: 'Rack A',
          shelfName: 'Shelf 3',
        },
      },
      createdBy: { id: '17', name: 'Ada Lovelace', role: 'Section Head' },
      approvedBy: { id: '18', name: 'Grace Hopper' },
    },
  });
}

/** The time at which the event of a message was published, by the clock that all processes share. `undefined`: no event. */
export function publishedAt(message: string): number | undefined {
  const stamp = STAMP_PATTERN.exec(message)?.[1];
  return stamp === undefined ? undefined : Number(stamp);
}
