import type { GraphiQLPage } from './graphiql.ts';

/**
 * GraphiQL as it comes: subscriptions go by SSE, which carries the headers tab as HTTP headers; headers are not stored. None is
 * filled in, for a half-finished one would be refused, and the documentation with it.
 */
export const PLAIN_PAGE: GraphiQLPage = {
  options: () => ({
    title: 'dms-live',
    subscriptionsProtocol: 'SSE',
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'headers',
    defaultQuery: `# Write your access token into the headers below:
#   { "Authorization": "Bearer …" }
subscription RequestUpdated {
  requestUpdated {
    action
    occurredAt
    actor { name role }
    request { id requestType status unitId }
  }
}
`,
  }),
};
