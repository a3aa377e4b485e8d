import { randomUUID } from 'node:crypto';

/** Messages as a publisher writes them. `changes` replaces fields of the standard message. */
type Changes = Record<string, unknown>;

const happened = () => ({
  id: randomUUID(),
  occurredAt: '2026-11-22T09:30:00Z',
  actor: { id: 9, name: 'Noor', role: 'QC' },
});

export const entities = {
  storage: (changes: Changes = {}) => ({
    id: 70,
    unitId: 5,
    roomName: 'R1',
    rackName: 'A',
    compartmentName: '2',
    shelfName: '3',
    ...changes,
  }),
  crate: (changes: Changes = {}) => ({
    id: 301,
    status: 'Active',
    unitId: 5,
    storage: entities.storage(),
    documents: [{ id: 1, documentName: 'Contract', documentNumber: 'C-1' }],
    ...changes,
  }),
  request: (changes: Changes = {}) => ({
    id: 4821,
    requestType: 'Withdrawal',
    status: 'Pending',
    unitId: 5,
    crate: entities.crate(),
    createdBy: { id: 17, name: 'Ada', role: 'Section Head' },
    ...changes,
  }),
};

export const messages = {
  request: (entity: Changes = {}, event: Changes = {}) => ({
    ...happened(),
    action: 'CREATED',
    request: entities.request(entity),
    ...event,
  }),
  crate: (entity: Changes = {}, event: Changes = {}) => ({
    ...happened(),
    action: 'RELOCATED',
    crate: entities.crate(entity),
    ...event,
  }),
  sendback: (entity: Changes = {}, event: Changes = {}) => ({
    ...happened(),
    action: 'CREATED',
    sendBack: {
      id: 12,
      unitId: 5,
      reason: 'Wrong shelf',
      sendbackType: 'Correction',
      request: entities.request(),
      ...entity,
    },
    ...event,
  }),
  storage: (entity: Changes = {}, event: Changes = {}) => ({
    ...happened(),
    action: 'UPDATED',
    locations: [entities.storage(entity)],
    ...event,
  }),
  audit: (entity: Changes = {}, event: Changes = {}) => ({
    ...happened(),
    action: 'LOGGED',
    entry: {
      id: 99,
      unitId: 5,
      action: 'APPROVE',
      objectType: 'Request',
      objectId: 4821,
      ipAddress: '10.1.2.3',
      changes: { status: ['Pending', 'Approved'] },
      ...entity,
    },
    ...event,
  }),
  kpis: (changes: Changes = {}) => ({
    id: randomUUID(),
    unitId: 5,
    computedAt: '2026-11-22T09:30:00Z',
    pendingApprovals: 3,
    requestsByStatus: [{ status: 'Sent Back', count: 2 }],
    ...changes,
  }),
};
