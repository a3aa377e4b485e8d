import { z } from 'zod';

const id = z.union([z.string().min(1).max(128), z.int()]).transform(String);
/** Of a message by contract/revoke.lua: in which Redis it was recorded. */
const generation = z.string().max(64).optional();

/** A message on the session topic: a user's tokens, or one token, are good no longer. */
export const sessionMessage = z.union([
  z.object({ action: z.enum(['REVOKED', 'CHANGED']), userId: id, generation }),
  z.object({ action: z.literal('REVOKED'), jti: id, generation }),
]);
export type SessionMessage = z.output<typeof sessionMessage>;
