import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Leave, Revoked } from './announced.ts';
import type { Face } from './faces.ts';
import {
  keepPresenceOfKind,
  type PresenceOfKind,
  type PresenceOfKindOptions,
  type Watching,
} from './presence-of-kind.ts';

/** Where somebody is. */
export interface Whereabouts {
  readonly kind: string;
  readonly unitId: string;
}

/** Who is present at the objects of a unit, and what they do there. */
export interface Presence {
  /** @param sessionId names the session that shows it, among all of this process. */
  announce(where: Whereabouts, face: Face, sessionId: string): Leave;
  watch(kind: string, onChange: () => void): Watching;
  /** Their sessions were ended: takes away what was left of sessions that had ended before. */
  forget(whose: Revoked): void;
  /** Resolves when others know who is left, or when that takes too long. Nobody may be announced any more. */
  close(): Promise<void>;
}

export interface PresenceOptions extends Pick<PresenceOfKindOptions, 'bus' | 'names' | 'hub'> {
  readonly log: Logger;
}

export function keepPresence({ bus, names, hub, log }: PresenceOptions): Presence {
  const process = crypto.randomUUID();
  const kinds = new Map<string, PresenceOfKind>();
  let trouble: string | undefined;

  /** Logs once when it fails, and once when it works again. */
  function report(fault: unknown): void {
    const reason = fault === undefined ? undefined : messageOf(fault);
    if (reason === trouble) return;
    if (reason === undefined) log.info('who is present is exchanged with other processes again');
    else log.warn({ reason }, 'cannot exchange with other processes who is present; trying again');
    trouble = reason;
  }

  function ofKind(kind: string): PresenceOfKind {
    const known = kinds.get(kind) ?? keepPresenceOfKind({ kind, bus, names, hub, process, report });
    kinds.set(kind, known);
    return known;
  }

  return {
    announce: ({ kind, unitId }, face, sessionId) => ofKind(kind).add(unitId, face, sessionId),
    watch: (kind, onChange) => ofKind(kind).watch(onChange),
    forget(whose) {
      for (const kind of kinds.values()) kind.forget(whose);
    },
    async close() {
      await Promise.all([...kinds.values()].map((kind) => kind.close()));
    },
  };
}
