/** The subscriptions that the server answers by itself, in every schema that has them: who is present (graphql/presence.ts). */
export const PRESENCE_FIELDS = {
  /** Delivers who is present. */
  watch: 'presence',
  /** Shows its subscriber as present for as long as it runs. */
  announce: 'announcePresence',
} as const;

const NAMES: ReadonlySet<string> = new Set(Object.values(PRESENCE_FIELDS));

/** Whether a field of `Subscription` is about who is present, and so delivers no events. */
export function isPresenceField(name: string): boolean {
  return NAMES.has(name);
}
