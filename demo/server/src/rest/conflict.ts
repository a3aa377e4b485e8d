import type { CrateRecord, Records, User } from '../records.ts';
import type { Person } from '../users.ts';
import { canSee } from './access.ts';
import { RestError } from './rest-error.ts';

/** What stands in the way of an action, and who made it so. */
export interface Conflict {
  /** A sentence without the person and the time. */
  readonly why: string;
  readonly kind: 'request' | 'crate';
  /** `null`, like the next three: the asker may not see it, or nobody knows any more. */
  readonly id: string | null;
  /** What was done last to that: `approved`. */
  readonly action: string | null;
  readonly actor: User | null;
  readonly at: string | null;
}

/** Answers 409: what was asked for was possible, until somebody did something else. */
export function createConflicts(records: Pick<Records, 'auditEntries' | 'crates'>) {
  function explain(person: Person, why: string, kind: Conflict['kind'], about: Subject): RestError {
    const type = kind === 'request' ? 'Request' : 'Crate';
    const last = records.auditEntries.findLast(
      (row) => row.objectType === type && row.objectId === about.id && canSee(person, row),
    );
    const conflict: Conflict = {
      why,
      kind,
      id: canSee(person, about) ? about.id : null,
      action: last?.action?.replace(`${type} `, '') ?? null,
      actor: last?.user ?? null,
      at: last?.at ?? null,
    };
    return new RestError(409, `${why}${inWords(conflict)}`, conflict);
  }

  return {
    explain,
    /** @throws {RestError} 409 if another crate stands at the place. */
    checkIsFree(person: Person, placeId: string, crateId: string): void {
      const crates = [...records.crates.values()];
      const other = crates.find(({ storageId, id }) => storageId === placeId && id !== crateId);
      if (other !== undefined) throw explain(person, 'storage: another crate stands there.', 'crate', other);
    },
  };
}

type Subject = Pick<CrateRecord, 'id' | 'unitId'>;

/** ` Approved by Peter Osei on 2026-11-26 at 10:02 UTC.` */
function inWords({ action, actor, at }: Conflict): string {
  if (action === null || at === null) return '';
  const by = actor === null ? '' : ` by ${actor.name}`;
  const [day, time = ''] = at.split('T');
  return ` ${action.charAt(0).toUpperCase()}${action.slice(1)}${by} on ${day} at ${time.slice(0, 5)} UTC.`;
}
