/** The fields that the authorization tests cover. A test compares them with the SDL, so that every new field is tested. */

/** Each subscription, and the kind of its events. */
export const FIELDS = {
  requestUpdated: 'request',
  crateUpdated: 'crate',
  sendBackCreated: 'sendback',
  storageUpdated: 'storage',
  auditLogged: 'audit',
  dashboardKpis: 'kpis',
} as const;

/** Each query and mutation, with a document that uses it. */
export const ROOT_QUERIES = {
  'Query.viewer': '{ viewer { id } }',
  'Query.dashboardKpis': '{ dashboardKpis(unitId: 5) { id } }',
  'Mutation.renewSession': 'mutation { renewSession(token: "x") { id } }',
} as const;
