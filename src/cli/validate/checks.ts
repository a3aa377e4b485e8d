import type { Bench } from './bench.ts';
import { examineAway } from './checks/away.ts';
import { examineBoundaries, examineTranscript } from './checks/boundaries.ts';
import { examineFaults } from './checks/faults.ts';
import { examineIdentity } from './checks/identity.ts';
import { examineLimits } from './checks/limits.ts';
import { examineMatrix } from './checks/matrix.ts';
import { examinePresence } from './checks/presence.ts';
import { examineQueries, examineRefusals } from './checks/queries.ts';
import { examineResuming } from './checks/resuming.ts';
import { examineSessions } from './checks/sessions.ts';
import { examineStrays } from './checks/stray.ts';
import type { RequirementId } from './requirements.ts';

/** Tries some requirements. */
export interface Check {
  readonly requirements: readonly RequirementId[];
  examine(bench: Bench): Promise<void>;
}

/** In the order in which they run: what ends sessions comes late, and what all have received at the end. */
export const CHECKS: readonly Check[] = [
  { requirements: ['AUT-1', 'AUT-2', 'AUT-3', 'AUT-4', 'AUT-5'], examine: examineIdentity },
  {
    requirements: ['ISO-1', 'ISO-2', 'ISO-3', 'ISO-4', 'ISO-5', 'ISO-6', 'ISO-7', 'ISO-8', 'ISO-9', 'ISO-10'],
    examine: examineMatrix,
  },
  { requirements: ['ISO-12'], examine: examineQueries },
  { requirements: ['ISO-13'], examine: examineRefusals },
  { requirements: ['ISO-11'], examine: examineStrays },
  { requirements: ['ISO-14', 'SES-7'], examine: examinePresence },
  { requirements: ['ISO-15'], examine: examineAway },
  { requirements: ['RES-1', 'RES-2', 'RES-3', 'RES-4', 'RES-5'], examine: examineResuming },
  { requirements: ['BND-1', 'BND-2', 'BND-3'], examine: examineBoundaries },
  { requirements: ['LIM-1', 'LIM-2', 'LIM-3', 'LIM-4', 'LIM-5'], examine: examineLimits },
  { requirements: ['FLT-1'], examine: examineFaults },
  { requirements: ['SES-1', 'SES-2', 'SES-3', 'SES-4', 'SES-5', 'SES-6'], examine: examineSessions },
  { requirements: ['BND-4'], examine: examineTranscript },
];
