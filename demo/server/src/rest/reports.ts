import { UNIT_NAMES, UNITS } from '../users.ts';
import { readUnit } from './access.ts';
import { type Call, type Office, ok, page, type Reply } from './endpoint.ts';
import { type Orderings, sortBy } from './ordering.ts';
import { kpisRow, type Rows } from './rows.ts';

const ORDERINGS: Orderings<ReturnType<Rows['audit']>> = {
  at: ({ at }) => at ?? null,
  action: ({ action }) => action ?? null,
  user: ({ user }) => user?.name ?? null,
  object_id: ({ object_id }) => Number(object_id),
  unit_id: ({ unit_id }) => Number(unit_id),
};

/** What is only read: the audit trail, the KPIs, the units. */
export function createReportHandlers(office: Office) {
  const { records, now } = office;
  return {
    /** The newest first. */
    audit({ person, query, rows }: Call): Reply {
      const unit = readUnit(person, query.get('unit'));
      const entries = records.auditEntries.filter(({ unitId }) => unit === null || unitId === unit);
      return page(sortBy(entries.map(rows.audit), ORDERINGS, query.get('ordering')), office, query);
    },

    kpis: ({ person, query }: Call): Reply =>
      ok(kpisRow(records, readUnit(person, query.get('unit')), now())),

    units({ person }: Call): Reply {
      const own = readUnit(person, null);
      const visible = UNITS.filter((id) => own === null || id === own);
      return ok(visible.map((id) => ({ id, name: UNIT_NAMES[id] })));
    },
  };
}
