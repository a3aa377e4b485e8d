/** Who may see and do what in the DMS: everything of the REST API that authorizes asks here. */
import { type Person, SYSTEM_ADMIN, UNITS, type UnitId } from '../users.ts';
import { badRequest, forbidden, notFound } from './rest-error.ts';

/** Whose work something is; a System Admin may do everything. */
export type Duty = 'anybody' | 'section' | 'quality' | 'store' | 'crates' | 'admin';

const ROLES: Readonly<Record<Duty, readonly string[] | 'all'>> = {
  anybody: 'all',
  section: ['Section Head', 'Section Clerk'],
  quality: ['QC'],
  store: ['Store Head'],
  crates: ['Section Head', 'Section Clerk', 'Store Head'],
  admin: [],
};

export function isAdmin({ role }: Person): boolean {
  return role === SYSTEM_ADMIN.role;
}

/** @throws {RestError} 403 where it is not this person's work. */
export function checkDuty(person: Person, duty: Duty): void {
  const roles = ROLES[duty];
  if (roles === 'all' || isAdmin(person) || roles.includes(person.role)) return;
  const others = [...roles, SYSTEM_ADMIN.role].join(', ');
  throw forbidden(`This is not for a ${person.role}, but for: ${others}.`);
}

export function canSee(person: Person, row: { readonly unitId: string }): boolean {
  return isAdmin(person) || row.unitId === person.unitId;
}

/**
 * A row by its id.
 * @throws {RestError} 404, also where it is another unit's: the answer does not say that it exists.
 */
export function find<Row extends { readonly unitId: string }>(
  person: Person,
  rows: ReadonlyMap<string, Row>,
  id: string,
): Row {
  const row = rows.get(id);
  if (row === undefined || !canSee(person, row)) throw notFound();
  return row;
}

/** Like {@link find}, for an id in a body. */
export function findNamed<Row extends { readonly unitId: string }>(
  person: Person,
  rows: ReadonlyMap<string, Row>,
  field: string,
  id: string,
): Row {
  const row = rows.get(id);
  if (row === undefined || !canSee(person, row)) throw badRequest(`${field}: there is no ${id}.`);
  return row;
}

/**
 * The unit whose rows are asked for: one's own, or for a System Admin any, and all of them (`null`) where none is named.
 * @throws {RestError} 403 for another unit than one's own, 400 for one that does not exist.
 */
export function readUnit(person: Person, named: string | null | undefined): UnitId | null {
  const isNamed = named !== null && named !== undefined && named !== '';
  if (isAdmin(person)) return isNamed ? knownUnit(named) : null;
  if (isNamed && named !== person.unitId) throw forbidden('You may only see your own unit.');
  return knownUnit(person.unitId ?? '');
}

/**
 * The unit to which something new belongs: a System Admin must name it.
 * @throws {RestError} as {@link readUnit}, and 400 where it is missing.
 */
export function requireUnit(person: Person, named: string | undefined): UnitId {
  const unit = readUnit(person, named);
  if (unit === null) throw badRequest('unit_id: say for which unit.');
  return unit;
}

function knownUnit(named: string): UnitId {
  const unit = UNITS.find((known) => known === named);
  if (unit === undefined) throw badRequest(`unit: there is no ${named}.`);
  return unit;
}
