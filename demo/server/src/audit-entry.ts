import type { AuditEntry, User } from './records.ts';
import { SYSTEM_ADMIN, type UnitId } from './users.ts';

/** What an audit entry is about. */
export interface AuditedRow {
  readonly type: 'Request' | 'Crate' | 'Storage' | 'Unit';
  /** In the words of the action, where it is not the type. */
  readonly name?: string;
  readonly id: string;
  readonly changes: unknown;
}

interface Audited {
  readonly id: string;
  readonly at: string;
  readonly unitId: UnitId;
  readonly actor: User;
  readonly action: string;
  readonly row: AuditedRow;
}

/** `Request approved`, by whom, on which row, from where. */
export function writeEntry({ id, at, unitId, actor, action, row }: Audited): AuditEntry & { action: string } {
  return {
    id,
    unitId,
    action: `${row.name ?? row.type} ${action.toLowerCase().replaceAll('_', ' ')}`,
    at,
    objectType: row.type,
    objectId: row.id,
    changes: row.changes,
    user: userOf(actor),
    ipAddress: ipAddressOf(actor),
  };
}

function ipAddressOf({ id }: User): string {
  return id === SYSTEM_ADMIN.id ? '10.0.0.10' : `10.0.${id[0]}.${id.slice(1).replace(/^0/, '')}`;
}

/** A person as an entity names one. */
export function userOf({ id, name, role }: User): User {
  return { id, name, role };
}
