/** The rules: who may see what. Pure; everything that authorizes asks here (contract, section 4). */
import { LiveError } from '../errors.ts';
import { isUnitId } from '../events/ids.ts';
import type { Viewer } from './viewer.ts';

export type RoleClass = 'ADMIN' | 'AUDITOR';

/** Which of the DMS's roles belong to a class; from the settings `ADMIN_ROLES` and `AUDIT_ROLES`. */
export type RoleClasses = Readonly<Record<RoleClass, readonly string[]>>;

/** All that decides what a viewer may see. Two viewers of equal scope see the same. */
export interface Scope {
  readonly unitId: string | null;
  readonly isAdmin: boolean;
  readonly isAuditor: boolean;
}

export function scopeOf(viewer: Viewer, classes: RoleClasses): Scope {
  const has = (roles: readonly string[]): boolean => viewer.role !== null && roles.includes(viewer.role);
  return { unitId: viewer.unitId, isAdmin: has(classes.ADMIN), isAuditor: has(classes.AUDITOR) };
}

/**
 * The unit that a field reads, given its argument `unitId`: `null` means all units, which only a System Admin gets.
 * Throws `BAD_USER_INPUT` for what can be no unit id, `FORBIDDEN` for another unit than the viewer's own.
 */
export function resolveUnit(scope: Scope, requested: string | null | undefined): string | null {
  if (requested != null && !isUnitId(requested)) {
    throw new LiveError('BAD_USER_INPUT', 'unitId must be 1 to 64 letters, digits, "-" or "_".');
  }
  if (scope.isAdmin) return requested ?? null;
  if (scope.unitId === null)
    throw new LiveError('FORBIDDEN', 'You belong to no unit, so there is nothing to see.');
  if (requested == null || requested === scope.unitId) return scope.unitId;
  throw new LiveError('FORBIDDEN', 'You may only see your own unit. Leave unitId out to see it.');
}

/** Whether data of this unit may be shown. */
export function canSeeUnit(scope: Scope, unitId: string): boolean {
  return scope.isAdmin || scope.unitId === unitId;
}

export function hasRole(scope: Scope, role: RoleClass): boolean {
  return role === 'ADMIN' ? scope.isAdmin : scope.isAuditor;
}
