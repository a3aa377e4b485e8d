/**
 * The REST API that both DMSs have. What only one of them has, or does differently, is tested beside it: of the simulated DMS in
 * `test/wire/demo-rest-*.test.ts`, of Django's in `django/tests/test_dms_api.py`.
 */
import { describe } from 'vitest';
import { testAccess } from './rest/access.ts';
import { testLists } from './rest/lists.ts';
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
  describe('Lists', () => testLists(dms));
});
