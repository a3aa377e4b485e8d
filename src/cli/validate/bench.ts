import type { Limits } from '../../config/limits.ts';
import type { Domain } from '../../events/domain.ts';
import type { TopicNames } from '../../events/topic-names.ts';
import type { Findings } from './findings.ts';
import type { People, Viewer } from './people.ts';
import type { Probe, ProbeMaker } from './probe.ts';
import type { ProbePublisher, Revoker } from './publishing.ts';
import type { TokenForm, TokenMint } from './tokens.ts';
import type { Wire } from './wire.ts';

/** What the operator has allowed beyond looking. */
export type Drill = 'limits' | 'faults';

/** What is known of the settings of the installation. */
export interface Known {
  readonly limits: Limits;
  readonly leewaySeconds: number;
  readonly revocationCheckSeconds: number;
  /** Whether users see who else is there. */
  readonly presence: boolean;
  readonly tokenForm: TokenForm;
}

/** All that a check needs. */
export interface Bench {
  readonly wire: Wire;
  readonly domain: Domain;
  readonly names: TopicNames;
  readonly people: People;
  readonly known: Known;
  readonly findings: Findings;
  readonly probes: ProbeMaker;
  /** `undefined`: nothing may be published. */
  readonly publisher: ProbePublisher | undefined;
  /** `undefined`: nothing may be revoked. */
  readonly revoker: Revoker | undefined;
  /** `undefined`: no tokens can be made. */
  readonly mint: TokenMint | undefined;
  readonly drills: readonly Drill[];
  /** A program of the operator that causes a fault. */
  readonly faultCommand: string | undefined;
  /** All that was published, in order. */
  readonly published: Probe[];
  /** How soon a revocation has to take effect that is not lost, in milliseconds. */
  readonly promptMs: number;
}

/** A viewer of a unit that events may be published to. */
export function probedViewers({
  people,
}: Pick<Bench, 'people'>): readonly (Viewer & { readonly unitId: string })[] {
  return people.viewers.flatMap((viewer) =>
    viewer.unitId !== null && people.probeUnits.includes(viewer.unitId)
      ? [{ ...viewer, unitId: viewer.unitId }]
      : [],
  );
}

export const NOT_PUBLISHED = 'no event may be published: give --redis or --publish-command, and probeUnits';
export const NOT_REVOKED = 'nothing may be revoked: give --redis or --revoke-command';
export const NO_MINT = 'no token can be made: give --secret-file';
