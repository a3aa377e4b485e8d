import { stringifyDocument } from '@urql/core';
import type { SubscriptionState } from '../connection/subscription.ts';
import { AnnouncePresenceDocument, PresenceDocument } from '../generated/operations.ts';
import type { PresentUser } from '../presence/use-presence.ts';
import type { FakeServer } from './fake-server.ts';

/** Somebody at an object. What is left out is made up. */
export type PresentInTest = Pick<PresentUser, 'objectId'> & Partial<PresentUser>;

/** `{ kind: 'request', id: '1', doing: 'ACTING', action: 'APPROVE', unitId: '5' }` */
export type Announced = Readonly<Record<string, unknown>>;

export interface FakePresence {
  /** Others are there, in place of those before, at these objects of a kind. */
  setPresent(kind: string, present: readonly PresentInTest[]): void;
  /** What the screen shows others of its user. */
  announced(): readonly Announced[];
}

export function createFakePresence(
  server: FakeServer,
  inspect: () => readonly SubscriptionState[],
): FakePresence {
  return {
    setPresent(kind, present) {
      const presence = present.map((one) => ({ ...SOMEBODY, ...one }));
      server.emit({ query: stringifyDocument(PresenceDocument), data: { presence }, variables: { kind } });
    },
    announced() {
      const query = stringifyDocument(AnnouncePresenceDocument);
      const isAnnouncement = (one: SubscriptionState): boolean => one.query === query;
      return inspect()
        .filter(isAnnouncement)
        .map(({ variables }) => variables);
    },
  };
}

const SOMEBODY: Omit<PresentUser, 'objectId'> = {
  userId: '2',
  unitId: '5',
  name: 'Test Colleague',
  role: 'QC',
  doing: 'LOOKING',
  action: null,
  since: '2026-11-22T09:30:00Z',
};
