import type { IncomingMessage } from 'node:http';
import { type RecordBus, readRevocations } from '../../auth/revocation-record.ts';
import { createTokenVerifier, type TokenSettings } from '../../auth/verify-token.ts';
import type { Identity } from '../../auth/viewer.ts';
import { SessionError } from '../../errors.ts';
import type { TopicNames } from '../../events/topic-names.ts';
import type { Logger } from '../../log.ts';
import { DAY_S, newTokenId, readRefreshToken, signDemoToken } from '../tokens.ts';
import { DEMO_PASSWORD, PEOPLE, type Person, usernameOf } from '../users.ts';
import type { SignedIn } from './endpoint.ts';
import { RestError } from './rest-error.ts';

export interface SignInOptions {
  readonly token: TokenSettings;
  /** How long an access token is good, in seconds. */
  readonly accessTokenSeconds: number;
  readonly bus: RecordBus;
  readonly names: TopicNames;
  readonly log: Logger;
}

export interface SignIn {
  /** A new session. Rejects with 401 where the password is wrong. */
  enter(credentials: { readonly username: string; readonly password: string }): Promise<{
    readonly access: string;
    readonly refresh: string;
  }>;
  /** A new access token. Rejects with {@link SessionError} where the session is over. */
  refresh(refreshToken: string): Promise<{ readonly access: string }>;
  /** Ends a session: every token of it is revoked. */
  leave(identity: Identity, refreshToken: string): Promise<void>;
  /** Who asks. Rejects with {@link SessionError} where nobody is signed in. */
  identify(request: IncomingMessage): Promise<SignedIn>;
}

type Revocable = Pick<Identity, 'tokenId' | 'expiresAt'>;

/** Signing in as Simple JWT has it: a refresh token for a day, and short-lived access tokens from it. */
export function createSignIn({ token, accessTokenSeconds, bus, names, log }: SignInOptions): SignIn {
  const verify = createTokenVerifier(token);
  const { check } = readRevocations(bus, names, log);
  /** The access tokens that may still be good, by the refresh token they came from. */
  const issued = new Map<string, Revocable[]>();

  async function issueAccess(person: Person, refreshId: string): Promise<string> {
    const jti = newTokenId();
    const now = Date.now() / 1000;
    forgetExpired(now);
    const tokens = issued.get(refreshId) ?? [];
    issued.set(refreshId, [...tokens, { tokenId: jti, expiresAt: now + accessTokenSeconds }]);
    return signDemoToken(person, token, { type: 'access', lifetime: accessTokenSeconds, jti });
  }

  function forgetExpired(now: number): void {
    for (const [refreshId, tokens] of issued) {
      const good = tokens.filter(({ expiresAt }) => expiresAt > now);
      if (good.length === 0) issued.delete(refreshId);
      else issued.set(refreshId, good);
    }
  }

  /** Whose token it is, if it was not revoked. */
  async function accept<Known extends Identity>(identity: Known): Promise<Known & { person: Person }> {
    const fault = await check(identity);
    if (fault !== undefined) throw new SessionError(fault);
    const person = PEOPLE.find(({ id }) => id === identity.viewer.id);
    if (person === undefined) throw new SessionError('invalid');
    return { ...identity, person };
  }

  /** On record for whoever looks later, and by a message for those who hold it now (contract, section 2). */
  async function revoke({ tokenId, expiresAt }: Revocable): Promise<void> {
    const seconds = Math.ceil(expiresAt - Date.now() / 1000);
    if (tokenId === null || seconds <= 0) return;
    const { revocations: record, session: channel } = names;
    await bus.revoke({ record, channel, action: 'REVOKED', whose: 'jti', id: tokenId, seconds });
  }

  return {
    async enter({ username, password }) {
      const person = PEOPLE.find((known) => usernameOf(known) === username.trim().toLowerCase());
      if (person === undefined || password !== DEMO_PASSWORD) {
        throw new RestError(401, 'No active account found with the given credentials');
      }
      const jti = newTokenId();
      const refresh = await signDemoToken(person, token, { type: 'refresh', lifetime: DAY_S, jti });
      return { access: await issueAccess(person, jti), refresh };
    },

    async refresh(refreshToken) {
      const { person, tokenId } = await accept(await readRefreshToken(refreshToken, token));
      return { access: await issueAccess(person, tokenId) };
    },

    async leave(identity, refreshToken) {
      const refresh = await readRefreshToken(refreshToken, token);
      if (refresh.viewer.id !== identity.viewer.id) throw new SessionError('invalid');
      const tokens = issued.get(refresh.tokenId) ?? [];
      issued.delete(refresh.tokenId);
      for (const one of [refresh, identity, ...tokens]) await revoke(one);
    },

    async identify(request) {
      const [scheme, bearer] = request.headers.authorization?.split(' ') ?? [];
      if (scheme?.toLowerCase() !== 'bearer' || !bearer) throw new SessionError('missing');
      const { person, ...identity } = await accept(await verify(bearer));
      return { person, identity };
    },
  };
}
