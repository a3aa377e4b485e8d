import type { Config } from 'dms-live';
import type { SignedInUser } from './graphiql-page.ts';
import { DAY_S, signDemoToken } from './tokens.ts';
import { DEMO_USERS, type DemoUser } from './users.ts';

/** The people whom the visitor may be in GraphiQL, each with a token for a day. */
export async function signInDemoUsers(
  config: Pick<Config, 'token'>,
): Promise<readonly [SignedInUser, ...SignedInUser[]]> {
  const [first, ...others] = DEMO_USERS;
  const signIn = async (user: DemoUser): Promise<SignedInUser> => ({
    ...user,
    token: await signDemoToken(user.person, config.token, { type: 'access', lifetime: DAY_S }),
  });
  return [await signIn(first), ...(await Promise.all(others.map(signIn)))];
}
