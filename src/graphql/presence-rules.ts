import type { GraphQLSchema } from 'graphql';
import { hasRole, type RoleClass, resolveUnit, type Scope } from '../auth/access.ts';
import { LiveError } from '../errors.ts';
import { isEntityId } from '../events/ids.ts';
import { type EventKinds, subscriptionFields, topicRule } from '../events/kinds.ts';
import type { PresenceDoing } from '../generated/schema.ts';
import { requiredRole } from './directives.ts';

export interface WatchArguments {
  readonly kind: string;
  readonly id?: string | null;
  readonly unitId?: string | null;
}

export interface AnnounceArguments extends WatchArguments {
  readonly id: string;
  readonly doing: PresenceDoing;
  readonly action?: string | null;
}

/** Who may see and show whom, beside the rule of `@unitScope`. */
export interface PresenceRules {
  /**
   * Throws for a kind or an id that is none, and `FORBIDDEN` where the viewer may not know of objects of the kind at all, by the rules of the
   * subscriptions to their events.
   */
  check(scope: Scope, args: WatchArguments): void;
  /** The one unit in which a viewer is to be shown. Throws where none follows, and for an action that is no word. */
  unitToAnnounce(scope: Scope, args: AnnounceArguments): string;
}

const ACTION = /^[A-Za-z0-9_-]{1,64}$/;

export function createPresenceRules(schema: GraphQLSchema, kinds: EventKinds): PresenceRules {
  const known = [...kinds.values()].filter(({ isNewestOnly }) => !isNewestOnly).map(({ kind }) => kind);
  const roles = new Map<string, readonly (RoleClass | undefined)[]>(
    known.map((kind) => [
      kind,
      subscriptionFields(schema)
        .filter((field) => topicRule(schema, field)?.kind === kind)
        .map((field) => requiredRole(schema, field)),
    ]),
  );
  return {
    check(scope, { kind, id }) {
      const needed = roles.get(kind);
      if (needed === undefined)
        throw new LiveError('BAD_USER_INPUT', `kind must be one of ${known.join(', ')}.`);
      if (!needed.some((role) => role === undefined || hasRole(scope, role)))
        throw new LiveError('FORBIDDEN', 'Your role may not see objects of this kind.');
      if (id != null && !isEntityId(id))
        throw new LiveError('BAD_USER_INPUT', 'id must have 1 to 128 characters, and no control characters.');
    },
    unitToAnnounce(scope, { unitId, action }) {
      if (action != null && !ACTION.test(action))
        throw new LiveError('BAD_USER_INPUT', 'action must be 1 to 64 letters, digits, "-" or "_".');
      const unit = resolveUnit(scope, unitId);
      if (unit === null) throw new LiveError('BAD_USER_INPUT', 'Name the unit of the object in unitId.');
      return unit;
    },
  };
}
