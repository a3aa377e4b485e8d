import type { AuditRow } from '../api/rows.ts';
import { addressOf } from '../place/place.ts';

type Object = Pick<AuditRow, 'object_type' | 'object_id' | 'unit_id'>;

const NAMES: Readonly<Record<string, string>> = { Storage: 'Storage place' };

/** `Request 1012` */
export function describeObject({ object_type: type, object_id: id }: Object): string {
  return [NAMES[type ?? ''] ?? type ?? '', id ?? ''].join(' ').trim();
}

/** Where an object can be looked at; `undefined`: the app has no screen for it. */
export function addressOfObject({ object_type: type, object_id: id, unit_id: unit }: Object) {
  const open = String(id ?? '');
  if (type === 'Request') return addressOf('requests', { open });
  if (type === 'Crate') return addressOf('crates', { open });
  // A list of all units may be too long to have it.
  return type === 'Storage' ? addressOf('storage', { unit: String(unit), open }) : undefined;
}
