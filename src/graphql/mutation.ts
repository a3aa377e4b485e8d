import type { MutationResolvers } from '../generated/schema.ts';
import { requireSession, type StartSession } from './context.ts';
import { describeViewer } from './query.ts';

export function createMutationResolvers(startSession: StartSession): Required<MutationResolvers> {
  return {
    async renewSession(_root, { token }, context) {
      const session = requireSession(context);
      const candidate = await startSession(token, { ...session.visitor, renews: session.id });
      try {
        session.renew(candidate.identity);
        return describeViewer(candidate);
      } finally {
        candidate.close();
      }
    },
  };
}
