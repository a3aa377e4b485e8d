import { createIdentifier, type IdentitySettings } from '../auth/identify.ts';
import { ADVICE } from '../auth/refusal-log.ts';
import { RefusedToken } from '../auth/refused-token.ts';
import { readRevocations } from '../auth/revocation-record.ts';
import type { Identity } from '../auth/viewer.ts';
import { LiveError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { type Finding, fault, instant, ok, warning } from './finding.ts';
import type { Lookout } from './lookout.ts';

/** What a server would say of a token, by the server's own code. */
export interface CheckedToken {
  readonly findings: readonly Finding[];
  /** Whose it is; `undefined`: it is refused. */
  readonly identity: Identity | undefined;
}

/** Verifies a token as a server with these settings does, and reads what is on record against it. No part of it is in a finding. */
export async function checkToken(
  settings: IdentitySettings,
  token: string,
  lookout: Lookout | undefined,
): Promise<CheckedToken> {
  let trouble: string | undefined;
  const identifier = createIdentifier(settings, {
    health: {
      report(_name, reported) {
        trouble = reported?.reason;
      },
    },
    onKeysFailure: () => undefined,
    log: createLogger('silent'),
  });
  try {
    await identifier.tried;
    const identity = await identifier.identify(token);
    const { id, unitId, role } = identity.viewer;
    const whose = `user ${id}, ${unitId === null ? 'no unit' : `unit ${unitId}`}, ${role ?? 'no role'}`;
    const good = ok('token', `verifies; of ${whose}; good until ${instant(identity.expiresAt * 1000)}`);
    const unitless =
      unitId === null ? [warning('unit', 'the token names no unit', 'see CLAIM_UNIT and PROFILE_URL')] : [];
    const onRecord = lookout === undefined ? [] : await checkRecord(lookout, identity);
    return { findings: [good, ...unitless, ...onRecord], identity };
  } catch (error) {
    if (error instanceof RefusedToken)
      return refused(`refused (${error.reason}): ${error.detail}`, ADVICE[error.reason]);
    if (!(error instanceof LiveError)) throw error;
    return refused(`cannot be checked now: ${trouble ?? error.message}`, undefined);
  } finally {
    identifier.close();
  }
}

const refused = (says: string, todo: string | undefined): CheckedToken => ({
  findings: [fault('token', says, todo)],
  identity: undefined,
});

/** Asks the record of revocations, and moves nothing in it as a server would. */
async function checkRecord({ keys, names }: Lookout, identity: Identity): Promise<readonly Finding[]> {
  const found = await readRevocations(keys, names, createLogger('silent'), undefined).check(identity);
  if (found === 'revoked') return [fault('revocation', 'the token is revoked', ADVICE.revoked)];
  if (found === 'changed')
    return [fault('revocation', 'the user’s unit or role has changed since it was issued', ADVICE.changed)];
  return [ok('revocation', 'nothing is on record against it')];
}
