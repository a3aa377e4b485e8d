/** Of whom is asked: by a token, or by user, unit and role. */
import { type RoleClasses, scopeOf } from '../../auth/access.ts';
import { fieldsOfUser, recordedSeconds } from '../../auth/revocation-record.ts';
import { readConfig } from '../../config/config.ts';
import type { Environment } from '../../config/reader.ts';
import { isUnitId, isUserId } from '../../events/ids.ts';
import type { AnsweredConnection } from '../../transport/presence-messages.ts';
import { checkToken } from '../check-token.ts';
import { UsageError } from '../command.ts';
import { type Finding, instant, note, ok, warning } from '../finding.ts';
import type { Lookout } from '../lookout.ts';
import { readTokenFile } from '../token-file.ts';
import type { Person } from './visible.ts';

export interface Whom {
  readonly userId: string | undefined;
  readonly unitId: string | undefined;
  readonly role: string | undefined;
  readonly tokenFile: string | undefined;
}

export interface KnownPerson {
  readonly findings: readonly Finding[];
  readonly userId: string | undefined;
  /** `undefined`: it is not known what this person may see. */
  readonly person: Person | undefined;
}

/** @throws {UsageError} for ids that nobody can have, and for what a token says otherwise. */
export function checkWhom({ userId, unitId, role, tokenFile }: Whom): void {
  if (tokenFile !== undefined && (unitId !== undefined || role !== undefined))
    throw new UsageError('With --token-file the token says unit and role: leave --unit and --role out.');
  if (userId !== undefined && !isUserId(userId)) throw new UsageError('--user: no user can have this id.');
  if (unitId !== undefined && !isUnitId(unitId)) throw new UsageError('--unit: no unit can have this id.');
}

/**
 * Knows a person by a token, as a server would.
 * @throws {UsageError} when it is the token of another user than the one who was named.
 */
export async function readWhomOfToken(
  environment: Environment,
  { file, userId }: { readonly file: string; readonly userId: string | undefined },
  lookout: Lookout,
): Promise<KnownPerson> {
  const config = readConfig(environment, { needsRedis: true });
  const { findings, identity } = await checkToken(config, readTokenFile(file), lookout);
  if (identity === undefined) return { findings, userId, person: undefined };
  const { viewer } = identity;
  if (userId !== undefined && userId !== viewer.id)
    throw new UsageError(`--token-file: this token is of user ${viewer.id}, and --user names ${userId}.`);
  const person = { scope: scopeOf(viewer, config.roleClasses), userId: viewer.id };
  return { findings, userId: viewer.id, person };
}

/**
 * Knows a person by what the command line says, and where it is silent by the sessions that are open.
 * @param connections those of the user.
 */
export async function readWhom(
  whom: Whom,
  lookout: Lookout,
  connections: readonly AnsweredConnection[],
): Promise<KnownPerson> {
  const { userId } = whom;
  const onRecord = userId === undefined ? [] : await readRecord(lookout, userId);
  const [open] = connections;
  if (whom.unitId === undefined && whom.role === undefined && open === undefined) {
    const unknown = note(
      'unit and role',
      'not known, since the user is not connected',
      'give --unit and --role, or --token-file',
    );
    return { findings: [...onRecord, unknown], userId, person: undefined };
  }
  const unitId = whom.unitId ?? open?.unitId ?? null;
  const role = whom.role ?? open?.role ?? null;
  const source = whom.unitId === undefined && whom.role === undefined ? ', as the open session says' : '';
  const said = ok(
    'unit and role',
    `${unitId === null ? 'no unit' : `unit ${unitId}`}, ${role ?? 'no role'}${source}`,
  );
  return {
    findings: [...onRecord, said],
    userId,
    person: personOf({ userId, unitId, role }, lookout.roleClasses),
  };
}

function personOf(
  { userId, unitId, role }: { userId: string | undefined; unitId: string | null; role: string | null },
  classes: RoleClasses,
): Person {
  return { scope: scopeOf({ id: userId ?? '', name: null, unitId, role }, classes), userId };
}

/** Up to when the tokens of a user are refused. */
async function readRecord({ keys, names }: Lookout, userId: string): Promise<readonly Finding[]> {
  const { REVOKED, CHANGED } = fieldsOfUser(userId);
  const [revoked = null, changed = null] = await keys.readFields(names.revocations, [REVOKED, CHANGED]);
  const upTo = (value: string | null): string => instant(recordedSeconds(value) * 1000);
  return [
    ...(revoked === null
      ? []
      : [
          warning(
            'revocation',
            `tokens issued up to ${upTo(revoked)} are revoked`,
            'a newer token is let in',
          ),
        ]),
    ...(changed === null
      ? []
      : [
          warning(
            'revocation',
            `unit or role changed: tokens issued up to ${upTo(changed)} are refused`,
            'the client must get a new token',
          ),
        ]),
  ];
}
