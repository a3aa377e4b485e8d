import { subscriptionFields } from '../../../events/kinds.ts';
import { requiredRole } from '../../../graphql/directives.ts';
import type { Bench } from '../bench.ts';
import type { OperationRequest } from '../operation.ts';
import { overSse, overSseForMany } from '../over-sse.ts';
import { overWebSocket } from '../over-websocket.ts';
import type { NamedTransport } from '../wire.ts';

/** The transports that can carry subscriptions. */
export const STREAMING: readonly NamedTransport[] = [
  ['WebSocket', overWebSocket],
  ['SSE', overSse],
  ['SSE for many', overSseForMany],
];

/** Follows the own unit, by a field that needs no role. */
export function followRequest({ domain: { schema } }: Pick<Bench, 'domain'>): OperationRequest {
  const field = subscriptionFields(schema).find((one) => requiredRole(schema, one) === undefined);
  return { query: `subscription { ${field?.name ?? '__typename'} { id } }` };
}
