/** What is right, by the contract (section 4) alone. Nothing of the server's own authorization is used here. */
import { seesAllUnits, type Viewer } from './people.ts';
import type { Probe } from './probe.ts';

/** What a viewer asks for. */
export interface Asked {
  readonly kind: string;
  /** The argument `unitId`; `null`: left out. */
  readonly unitId: string | null;
  /** Whether only what is addressed to the viewer is asked for. */
  readonly isOwn: boolean;
  /** Whether all units together have a topic of their own. */
  readonly hasTogether: boolean;
  /** The role class that the field needs. */
  readonly role: 'ADMIN' | 'AUDITOR' | undefined;
}

/** Where an event is published, and of which unit it is. */
export type Slot = Pick<Probe, 'kind' | 'channel' | 'unitId'>;

/** One of these codes, or the events that are due. */
export type Due = Refusal | Reading;

export interface Refusal {
  readonly codes: readonly string[];
}

export interface Reading {
  readonly codes?: never;
  reads(slot: Slot): boolean;
  /** Whether the filters let an event through. */
  wants(event: Probe['event']): boolean;
}

const UNIT_ID = /^[A-Za-z0-9_-]{1,64}$/;

export function judge(viewer: Viewer, { kind, unitId, isOwn, hasTogether, role }: Asked): Due {
  const isMalformed = unitId !== null && !UNIT_ID.test(unitId);
  const lacksRole = role !== undefined && !viewer.classes.includes(role);
  const codes = [...(lacksRole ? ['FORBIDDEN'] : []), ...(isMalformed ? ['BAD_USER_INPUT'] : [])];
  if (codes.length > 0) return { codes };
  const seesAll = seesAllUnits(viewer);
  if (!seesAll && (viewer.unitId === null || (unitId !== null && unitId !== viewer.unitId)))
    return { codes: ['FORBIDDEN'] };
  const unit = unitId ?? (seesAll ? null : viewer.unitId);
  return {
    wants: () => true,
    reads({ kind: { kind: published }, channel, unitId: ofUnit }) {
      if (published !== kind) return false;
      if ('userId' in channel)
        return isOwn && channel.userId === viewer.userId && (unitId === null || ofUnit === unitId);
      if (isOwn) return false;
      if ('all' in channel) return unit === null && hasTogether;
      return unit === null ? !hasTogether : channel.unitId === unit;
    },
  };
}

export const isDue = ({ reads, wants }: Reading, probe: Probe): boolean => reads(probe) && wants(probe.event);

/** Whether data of a unit may be shown to a viewer at all. */
export const maySee = (viewer: Viewer, unitId: unknown): boolean =>
  seesAllUnits(viewer) || (unitId !== null && String(unitId) === viewer.unitId);
