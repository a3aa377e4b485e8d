import type { Bench } from './bench.ts';
import { examineMatrix } from './checks/matrix.ts';
import type { RequirementId } from './requirements.ts';

/** Tries some requirements. */
export interface Check {
  readonly requirements: readonly RequirementId[];
  examine(bench: Bench): Promise<void>;
}

/** In the order in which they run: what ends sessions comes late. */
export const CHECKS: readonly Check[] = [
  {
    requirements: ['ISO-1', 'ISO-2', 'ISO-3', 'ISO-4', 'ISO-5', 'ISO-6', 'ISO-7', 'ISO-8', 'ISO-9', 'ISO-10'],
    examine: examineMatrix,
  },
];
