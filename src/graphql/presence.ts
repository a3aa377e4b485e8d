/** Who is present: the subscriptions of `PRESENCE_FIELDS`. Authorized by unit (directives.ts), and by role as the kind's events are. */
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { resolveUnit } from '../auth/access.ts';
import { createQuota } from '../auth/quota.ts';
import { LiveError } from '../errors.ts';
import type { EventKinds } from '../events/kinds.ts';
import { PRESENCE_FIELDS } from '../events/presence-fields.ts';
import type { Presence as PresentUser } from '../generated/schema.ts';
import { cursorExpired } from '../topics/cursor.ts';
import type { LostSession } from '../topics/presence/announced.ts';
import { cutFaces, type Face, MAX_FACES } from '../topics/presence/faces.ts';
import type { Presence, Whereabouts } from '../topics/presence/presence.ts';
import { createSourceReader } from '../topics/source-reader.ts';
import { type Context, requireScope, type ViewerSession } from './context.ts';
import { type AnnounceArguments, createPresenceRules, type WatchArguments } from './presence-rules.ts';

/** At how many objects a user may be shown at a time, by each process. */
const MAX_PER_USER = 64;
/** How much of a name and of a role is shown, in characters. A token may hold any text. */
const MAX_TEXT = 100;

/** Gives the subscriptions of a schema, in place, who is present. `presence` is `undefined` where that is switched off. */
export function resolvePresence(
  schema: GraphQLSchema,
  kinds: EventKinds,
  presence: Presence | undefined,
): void {
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  const rules = createPresenceRules(schema, kinds);
  const quota = createQuota(MAX_PER_USER);

  const watch: Subscribe<WatchArguments> = async (_root, args, context) => {
    if (presence === undefined) throw switchedOff();
    const scope = requireScope(context);
    rules.check(scope, args);
    note(context, PRESENCE_FIELDS.watch, args);
    return watchPresence(presence, args, resolveUnit(scope, args.unitId));
  };

  const announce: Subscribe<AnnounceArguments> = (_root, args, context) => {
    if (presence === undefined) throw switchedOff();
    const scope = requireScope(context);
    rules.check(scope, args);
    const unitId = rules.unitToAnnounce(scope, args);
    const announcer = announcerOf(context);
    const release = quota.take(announcer.identity.viewer.id);
    if (release === undefined)
      throw new LiveError('LIMIT_EXCEEDED', `You are shown at ${MAX_PER_USER} objects: leave others first.`);
    note(context, PRESENCE_FIELDS.announce, args);
    return announcePresence(presence, { kind: args.kind, unitId }, args, announcer, release);
  };

  const { [PRESENCE_FIELDS.watch]: watched, [PRESENCE_FIELDS.announce]: announced } = fields;
  if (watched !== undefined) {
    watched.subscribe = watch;
    watched.resolve = asItIs;
  }
  if (announced !== undefined) {
    announced.subscribe = announce;
    announced.resolve = asItIs;
  }
}

type Subscribe<Arguments> = GraphQLFieldResolver<unknown, Context, Arguments>;

/** What a source yields is the value of its field. */
const asItIs: GraphQLFieldResolver<unknown, Context> = (value) => value;

const switchedOff = (): LiveError =>
  new LiveError('FORBIDDEN', 'This server shows nobody who else is there: PRESENCE is off.');

/** The session that is shown: known to this execution only because nobody else shares it. */
function announcerOf({ audience, session }: Context): ViewerSession {
  const announcer = audience === undefined ? session : audience.announcer;
  if (announcer === undefined) throw new Error('An execution that shows its subscriber is shared by others.');
  return announcer;
}

/** For the security log. What is delivered has no positions, so a cursor is always too old, and there is no past. */
function note({ audience }: Context, field: string, args: object): void {
  if (audience === undefined) return;
  audience.reading = { field, arguments: { ...args } };
  audience.source = {
    position: () => undefined,
    replay: () => Promise.reject(cursorExpired()),
    past: () => undefined,
  };
}

async function watchPresence(presence: Presence, { kind, id }: WatchArguments, unitId: string | null) {
  let last = '';
  const reader = createSourceReader<readonly PresentUser[]>(takeNext, () => watching.close());
  const watching = presence.watch(kind, reader.settle);

  function takeNext(): readonly PresentUser[] | undefined {
    if (!isReady) return undefined;
    const units = unitId === null ? [...watching.units()].sort() : [unitId];
    const shown = units.flatMap((unit) =>
      watching.of(unit, id ?? undefined).map((face) => toPresentUser(unit, face)),
    );
    const cut = cutFaces(shown, MAX_FACES);
    const text = JSON.stringify(cut);
    if (text === last) return undefined;
    last = text;
    return cut;
  }

  let isReady = false;
  await watching.ready;
  isReady = true;
  return reader.events;
}

/** What is shown of a face, and nothing else that may be in it. */
function toPresentUser(unitId: string, face: Face): PresentUser {
  const { objectId, userId, name, role, doing, action, since } = face;
  return { objectId, unitId, userId, name, role, doing, action, since: new Date(since).toISOString() };
}

function announcePresence(
  presence: Presence,
  where: Whereabouts,
  { id, doing, action }: AnnounceArguments,
  session: ViewerSession,
  release: () => void,
) {
  const { viewer } = session.identity;
  const face: Face = {
    objectId: id,
    userId: viewer.id,
    name: viewer.name?.slice(0, MAX_TEXT) ?? null,
    role: viewer.role?.slice(0, MAX_TEXT) ?? null,
    doing,
    action: action ?? null,
    since: Date.now(),
  };
  const leave = presence.announce(where, face, session.id);
  let isDelivered = false;
  let hasLeft = false;
  const reader = createSourceReader<true>(
    () => {
      if (isDelivered) return undefined;
      isDelivered = true;
      return true;
    },
    () => {
      if (hasLeft) return;
      hasLeft = true;
      release();
      leave(lostSession(session));
    },
  );
  return reader.events;
}

/**
 * The session, if its connection may be lost. A session that was ended takes its user away at once. A WebSocket says that its user has
 * left; where nothing is said, as over event streams, the user may come back.
 */
function lostSession(session: ViewerSession): LostSession | undefined {
  let isLost = session.visitor.transport !== 'websocket';
  const stopListening = session.onEnd((fault) => {
    isLost = fault === undefined;
  });
  stopListening();
  if (!isLost) return undefined;
  const { viewer, tokenId, expiresAt } = session.identity;
  return { userId: viewer.id, tokenId, expiresAt: expiresAt * 1000 };
}
