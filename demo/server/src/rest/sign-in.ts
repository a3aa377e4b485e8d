import type { IncomingMessage } from 'node:http';
import { type Config, type Identity, SessionError, type TokenControl } from 'dms-live';
import { DAY_S, newTokenId, readRefreshToken, signDemoToken } from '../tokens.ts';
import { DEMO_PASSWORD, PEOPLE, type Person, usernameOf } from '../users.ts';
import type { SignedIn } from './endpoint.ts';
import { RestError } from './rest-error.ts';

export interface SignInOptions {
  readonly settings: Config['token'];
  /** How long an access token is good, in seconds. */
  readonly accessTokenSeconds: number;
  readonly tokens: TokenControl;
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
export function createSignIn({ settings, accessTokenSeconds, tokens }: SignInOptions): SignIn {
  /** The access tokens that may still be good, by the refresh token they came from. */
  const issued = new Map<string, Revocable[]>();

  async function issueAccess(person: Person, refreshId: string): Promise<string> {
    const jti = newTokenId();
    const now = Date.now() / 1000;
    forgetExpired(now);
    const earlier = issued.get(refreshId) ?? [];
    issued.set(refreshId, [...earlier, { tokenId: jti, expiresAt: now + accessTokenSeconds }]);
    return signDemoToken(person, settings, { type: 'access', lifetime: accessTokenSeconds, jti });
  }

  function forgetExpired(now: number): void {
    for (const [refreshId, all] of issued) {
      const good = all.filter(({ expiresAt }) => expiresAt > now);
      if (good.length === 0) issued.delete(refreshId);
      else issued.set(refreshId, good);
    }
  }

  /** @throws {SessionError} where the token is of nobody who works here. */
  function personOf({ viewer }: Identity): Person {
    const person = PEOPLE.find(({ id }) => id === viewer.id);
    if (person === undefined) throw new SessionError('invalid');
    return person;
  }

  return {
    async enter({ username, password }) {
      const person = PEOPLE.find((known) => usernameOf(known) === username.trim().toLowerCase());
      if (person === undefined || password !== DEMO_PASSWORD) {
        throw new RestError(401, 'No active account found with the given credentials');
      }
      const jti = newTokenId();
      const refresh = await signDemoToken(person, settings, { type: 'refresh', lifetime: DAY_S, jti });
      return { access: await issueAccess(person, jti), refresh };
    },

    async refresh(refreshToken) {
      const identity = await readRefreshToken(refreshToken, settings);
      await tokens.check(identity);
      return { access: await issueAccess(personOf(identity), identity.tokenId) };
    },

    async leave(identity, refreshToken) {
      const refresh = await readRefreshToken(refreshToken, settings);
      if (refresh.viewer.id !== identity.viewer.id) throw new SessionError('invalid');
      const issuedFromIt = issued.get(refresh.tokenId) ?? [];
      issued.delete(refresh.tokenId);
      for (const one of [refresh, identity, ...issuedFromIt]) await tokens.revoke(one);
    },

    async identify(request) {
      const [scheme, bearer] = request.headers.authorization?.split(' ') ?? [];
      if (scheme?.toLowerCase() !== 'bearer' || !bearer) throw new SessionError('missing');
      const identity = await tokens.identify(bearer);
      return { person: personOf(identity), identity };
    },
  };
}
