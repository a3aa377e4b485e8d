/* Generated from schema.graphql and the files in kinds/ by npm run generate. */

export const STATES: ReadonlySet<string> = /*#__PURE__*/ new Set(['dashboardKpis', 'presence', 'announcePresence']);
