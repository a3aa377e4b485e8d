/**
 * The compiler's proof that the event contract and the schema say the same: a field added to, missing from, or typed
 * otherwise in one of them fails here.
 */
import type * as Schema from '../generated/schema.ts';
import type { EventKind, EventOf } from '../topics/event.ts';

/** The GraphQL type that an event of each kind becomes. */
interface GraphQLTypes extends Record<EventKind, unknown> {
  request: Schema.RequestEvent;
  crate: Schema.CrateEvent;
  sendback: Schema.SendBackEvent;
  storage: Schema.StorageEvent;
  audit: Schema.AuditEvent;
  kpis: Schema.DashboardKpis;
}

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Assert<T extends true> = T;

export type EventsMatchSchema = Assert<
  { [Kind in EventKind]: Same<Frozen<EventOf<Kind>>, Frozen<GraphQLTypes[Kind]>> }[EventKind]
>;
