/** What the tests of authorization go through. A test compares it with the SDL, so that no new field passes untested. */

/** Each subscription, and the kind of its events. */
export const FIELDS = {
  requestUpdated: 'request',
  crateUpdated: 'crate',
  sendBackCreated: 'sendback',
  storageUpdated: 'storage',
  auditLogged: 'audit',
  dashboardKpis: 'kpis',
} as const;

/** Each query and mutation, and a document that asks for it. */
export const ROOT_QUERIES = {
  'Query.viewer': '{ viewer { id } }',
  'Query.dashboardKpis': '{ dashboardKpis(unitId: 5) { id } }',
  'Mutation.renewSession': 'mutation { renewSession(token: "x") { id } }',
} as const;
