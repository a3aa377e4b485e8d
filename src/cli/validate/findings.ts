import { REQUIREMENT_IDS, REQUIREMENTS, type Requirement, type RequirementId } from './requirements.ts';

/** One trial of a requirement. */
export interface Evidence {
  /** What was tried. */
  readonly what: string;
  readonly viewer?: string | undefined;
  readonly transport?: string | undefined;
  readonly sent?: string | undefined;
  readonly expected: string;
  readonly got: string;
  readonly isGood: boolean;
  /** A time that was measured, in milliseconds. */
  readonly ms?: number | undefined;
}

export type Result = 'pass' | 'fail' | 'not run';

/** What was found out about a requirement. */
export interface Finding extends Requirement {
  readonly id: RequirementId;
  readonly result: Result;
  readonly passed: number;
  readonly failed: number;
  /** What was not shown, and why. */
  readonly notShown: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** Gathers what is found out. */
export interface Findings {
  add(id: RequirementId, evidence: Evidence): void;
  notShown(id: RequirementId, reason: string): void;
  all(): readonly Finding[];
}

export function createFindings(): Findings {
  const evidence = new Map<RequirementId, Evidence[]>();
  const missing = new Map<RequirementId, Set<string>>();
  return {
    add(id, one) {
      const known = evidence.get(id);
      if (known === undefined) evidence.set(id, [one]);
      else known.push(one);
    },
    notShown(id, reason) {
      missing.set(id, (missing.get(id) ?? new Set()).add(reason));
    },
    all: () =>
      REQUIREMENT_IDS.map((id) => {
        const found = evidence.get(id) ?? [];
        const failed = found.filter(({ isGood }) => !isGood).length;
        const notShown = [...(missing.get(id) ?? (found.length === 0 ? ['nothing was tried'] : []))];
        return {
          id,
          ...REQUIREMENTS[id],
          result: failed > 0 ? 'fail' : found.length === 0 ? 'not run' : 'pass',
          passed: found.length - failed,
          failed,
          notShown,
          evidence: found,
        };
      }),
  };
}
