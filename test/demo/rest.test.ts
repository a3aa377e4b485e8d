/**
 * The tests of the REST API that both DMSs share. Features of only one DMS have their own tests: `test/wire/demo-rest-*.test.ts`
 * for the simulated DMS, `django/tests/test_dms_api.py` and `test_dms_once.py` for Django's.
 */
import { describe } from 'vitest';
import { testAccess } from './rest/access.ts';
import { testAgain } from './rest/again.ts';
import { testAudit } from './rest/audit.ts';
import { testFigures } from './rest/figures.ts';
import { testLists } from './rest/lists.ts';
import { testRefusals } from './rest/refusals.ts';
import { testRequests } from './rest/requests.ts';
import { testSessions } from './rest/sessions.ts';
import { testStock } from './rest/stock.ts';
import { DMSES, useDmsOf } from './support/dms.ts';

describe.each(DMSES)('The REST API of the DMS ($name)', (kind) => {
  const dms = useDmsOf(kind);
  describe('Access', () => testAccess(dms));
  describe('Sessions', () => testSessions(dms));
  describe('Requests', () => testRequests(dms));
  describe('Crates and storage', () => testStock(dms));
  describe('What is sent again', () => testAgain(dms));
  describe('Refusals', () => testRefusals(dms));
  describe('Lists', () => testLists(dms));
  describe('Figures', () => testFigures(dms));
  describe('The audit trail', () => testAudit(dms));
});
