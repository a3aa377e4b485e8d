import { shortHash } from '../record/security-log.ts';
import type { Identity, Visitor } from './viewer.ts';

/** A role is what a token says: some text. */
const MAX_ROLE_LENGTH = 100;

/** Whose token it is, for the security log. */
export function personOf({ viewer, tokenId }: Identity) {
  const { id, unitId, role } = viewer;
  return { user: id, unit: unitId, role: role?.slice(0, MAX_ROLE_LENGTH) ?? null, jti: hashOf(tokenId) };
}

const hashOf = (tokenId: string | null): string | null => (tokenId === null ? null : shortHash(tokenId));

/** Who acts, in which session, and from where, for the security log. */
export function whoOf({ id, identity, visitor }: WhoActs) {
  const { address, transport } = visitor;
  return { session: id, ...personOf(identity), address, transport };
}

export type Who = ReturnType<typeof whoOf>;

interface WhoActs {
  readonly id: string;
  readonly identity: Identity;
  readonly visitor: Visitor;
}
