/** Asking what happened meanwhile, and what the answer has to be, from the events that a subscriber received. */
import { type Addressed, type Data, post } from './clients.ts';

export const AWAY = `query ($unitId: ID, $sinceMs: Float!, $kinds: [String!], $first: Int, $includeOwn: Boolean) {
  whileAway(unitId: $unitId, sinceMs: $sinceMs, kinds: $kinds, first: $first, includeOwn: $includeOwn) {
    knownFrom until isWhole more
    lines {
      kind entityId actions events eventIds statusBefore statusNow firstAt lastAt isNew isDeleted isMine
      actor { id } request { id unitId crate { id } } crate { id unitId } sendBack { id unitId } location { id unitId }
    }
  }
}`;

const HOUR_MS = 3_600_000;

/** Asks over HTTP. Throws where there is no answer. */
export async function askAway(
  app: Addressed,
  token: string,
  variables: Record<string, unknown> = {},
): Promise<Data> {
  const { body } = await post(app, AWAY, { token, variables: { sinceMs: HOUR_MS, ...variables } });
  if (body.data == null) throw new Error(JSON.stringify(body.errors));
  return body.data['whileAway'];
}

/** An event as a subscriber receives it. */
export interface Received {
  readonly kind: string;
  readonly isMine: boolean;
  readonly id: string;
  readonly action: string;
  readonly occurredAt: string;
  readonly actor: { readonly id: string } | null;
  readonly entities: readonly { readonly id: string; readonly status?: string }[];
}

/** A line, as far as events say it. */
export type FoldedLine = ReturnType<typeof newLife>;

const newLife = (kind: string, entityId: string) => ({
  kind,
  entityId,
  ids: new Set<string>(),
  actions: new Set<string>(),
  statusNow: null as string | null,
  firstAt: '',
  lastAt: '',
  actor: null as string | null,
  isNew: false,
  isDeleted: false,
  isMine: false,
});

/**
 * What the events of one unit, and those addressed to the user, add up to: step by step, as a client would keep it.
 * @param me did not see what they did themselves.
 */
export function foldReceived(received: readonly Received[], me: string): ReadonlyMap<string, FoldedLine> {
  const lines = new Map<string, FoldedLine>();
  const gone = new Set<string>();
  for (const { kind, isMine, id, action, occurredAt, actor, entities } of received)
    for (const { id: entityId, status } of entities) {
      const key = `${kind} ${entityId}`;
      let line = lines.get(key) ?? newLife(kind, entityId);
      if (line.isDeleted || gone.has(key)) line = { ...newLife(kind, entityId), isMine: line.isMine };
      gone.delete(key);
      lines.delete(key);
      if (isMine) line.isMine = true;
      lines.set(key, line);
      if (line.ids.has(id)) continue;
      if (action === 'MOVED_OUT') gone.add(key);
      if (['CREATED', 'BULK_CREATED', 'MOVED_IN'].includes(action)) line.isNew = true;
      line.statusNow = status ?? null;
      const isOwn = actor?.id === me;
      if (action === 'DELETED') {
        Object.assign(line, { isDeleted: true, statusNow: null, actions: new Set() });
        if (isOwn) gone.add(key); // then nothing is shown
      }
      if (isOwn) continue;
      line.ids.add(id);
      line.actions.add(action);
      if (line.firstAt === '') line.firstAt = occurredAt;
      line.lastAt = occurredAt;
      line.actor = actor?.id ?? null;
    }
  for (const [key, { ids }] of lines) if (gone.has(key) || ids.size === 0) lines.delete(key);
  return lines;
}
