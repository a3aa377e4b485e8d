import type { Health } from '../health.ts';
import type { Logger } from '../log.ts';
import { type RoleClasses, scopeOf } from './access.ts';
import { fetchIssuerKeys, type IssuerKeys } from './issuer-keys.ts';
import { createProfileReader, type ProfileSettings } from './profile.ts';
import { rememberProfiles } from './profile-memory.ts';
import { createTokenVerifier, type TokenSettings, type VerifyToken } from './verify-token.ts';
import type { Subject, Viewer } from './viewer.ts';

export interface IdentitySettings {
  readonly token: TokenSettings;
  /** Where unit, role and name are read from; `undefined`: from the token's own claims. */
  readonly profile: ProfileSettings | undefined;
  readonly roleClasses: RoleClasses;
}

/** Says who the bearer of a token is: from the token alone, or with the profile that the DMS has of that person. */
export interface Identifier {
  /** Throws as {@link VerifyToken} does, and `SERVICE_UNAVAILABLE`. */
  readonly identify: VerifyToken;
  /** The user has changed, or was revoked, or the token was: the profile is asked for again. */
  forget(whose: Subject): void;
  /** Messages may have been missed that said which users have changed: all profiles are asked for again. */
  forgetAll(): void;
  /** Resolves when it is known whether the issuer's keys can be fetched; at once where there are none to fetch. */
  readonly tried: Promise<void>;
  close(): void;
}

export interface IdentityServices {
  readonly health: Pick<Health, 'report'>;
  /** The issuer's keys could not be fetched. */
  readonly onKeysFailure: () => void;
  readonly log: Logger;
}

/** @throws when the key cannot be read. */
export function createIdentifier(
  { token, profile, roleClasses }: IdentitySettings,
  services: IdentityServices,
): Identifier {
  const { log } = services;
  const issuerKeys = issuerKeysOf(token, services);
  const verify = createTokenVerifier(token, issuerKeys?.find);
  const reportUnitless = createUnitlessReport(token, profile, log);
  const reader = profile && createProfileReader(profile, log);
  const profiles = profile && reader && rememberProfiles(reader.read, profile.maxKept);
  return {
    async identify(written) {
      const identity = await verify(written);
      const viewer = (await profiles?.read(written, identity)) ?? identity.viewer;
      if (viewer.unitId === null && !scopeOf(viewer, roleClasses).isAdmin) reportUnitless(viewer);
      return { ...identity, viewer };
    },
    forget: (whose) =>
      profiles?.forget((of) =>
        'userId' in whose ? of.userId === whose.userId : of.tokenId === whose.tokenId,
      ),
    forgetAll: () => profiles?.forget(() => true),
    tried: issuerKeys?.tried ?? Promise.resolve(),
    close() {
      reader?.close();
      issuerKeys?.close();
    },
  };
}

function issuerKeysOf(
  { key }: TokenSettings,
  { health, onKeysFailure }: IdentityServices,
): IssuerKeys | undefined {
  return key.form === 'jwks' ? fetchIssuerKeys({ ...key, health, onFailure: onKeysFailure }) : undefined;
}

/** A user who belongs to no unit sees nothing. That may be intended, but at first it is mostly a wrong setting: so it is logged once. */
function createUnitlessReport(
  { claims }: TokenSettings,
  profile: ProfileSettings | undefined,
  log: Logger,
): ({ id }: Viewer) => void {
  const where =
    profile === undefined
      ? `its token has no claim "${claims.unit}". Add it, name another one in CLAIM_UNIT, or set PROFILE_URL`
      : `the profile has no field "${profile.fields.unit}". Name another one in PROFILE_UNIT`;
  let isReported = false;
  return ({ id }) => {
    if (isReported) log.debug({ userId: id }, 'a user without a unit');
    else
      log.warn(
        { userId: id },
        `a user without a unit sees nothing: ${where}; further ones are logged at debug level`,
      );
    isReported = true;
  };
}
