import { UNIT_NAMES, UNITS } from '../users.ts';
import { readUnit } from './access.ts';
import { type Call, type Office, ok, type Reply } from './endpoint.ts';
import { kpisRow } from './rows.ts';

/** What is only read: the KPIs, the units. */
export function createReportHandlers({ records, now }: Office) {
  return {
    kpis: ({ person, query }: Call): Reply =>
      ok(kpisRow(records, readUnit(person, query.get('unit')), now())),

    units({ person }: Call): Reply {
      const own = readUnit(person, null);
      const visible = UNITS.filter((id) => own === null || id === own);
      return ok(visible.map((id) => ({ id, name: UNIT_NAMES[id] })));
    },
  };
}
