import type { LiveKind } from '../generated/kinds.ts';
import { earliest, type LiveKinds } from './live-kinds.ts';
import type { createQuerySubjects } from './query-subjects.ts';
import type { Refetcher } from './refetcher.ts';

/** Whether and since when queries of a kind lack something. */
export function createLacks({ liveKinds, refetcher, subjects }: Lacking): Lacks {
  /** Since when events may be missing, and the moments of what queries show that somebody looks at and that lack something. */
  function momentsOf(kind: LiveKind): readonly number[] {
    const lacking = new Set([...refetcher.updating(), ...refetcher.failed()]);
    const owed = refetcher.owed().filter(({ query }) => lacking.has(query) && subjects.isOf(kind, query));
    return [liveKinds.catchingUpSince(kind) ?? [], owed.map(({ asOf }) => asOf)].flat();
  }
  return {
    isUpdating: (kind) =>
      liveKinds.catchingUpSince(kind) !== undefined ||
      refetcher.updating().some((query) => subjects.isOf(kind, query)),
    isOutdated: (kind) => refetcher.failed().some((query) => subjects.isOf(kind, query)),
    asOf: (kind) => earliest(momentsOf(kind)),
  };
}

/** See `QueryBridge`. */
interface Lacks {
  isUpdating(kind: LiveKind): boolean;
  isOutdated(kind: LiveKind): boolean;
  asOf(kind: LiveKind): number | undefined;
}

interface Lacking {
  readonly liveKinds: Pick<LiveKinds, 'catchingUpSince'>;
  readonly refetcher: Pick<Refetcher, 'updating' | 'failed' | 'owed'>;
  readonly subjects: Pick<ReturnType<typeof createQuerySubjects>, 'isOf'>;
}
