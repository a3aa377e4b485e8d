import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type App, startApp } from '../app.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { createLogger } from '../log.ts';
import { createPublisher } from '../topics/publisher.ts';
import { createTopicNames } from '../topics/topic.ts';
import { notFound } from '../transport/http.ts';
import { GRAPHQL_PATH } from '../transport/yoga.ts';
import { createDemoPage, type SignedInUser } from './graphiql-page.ts';
import { writeGreeting } from './greeting.ts';
import { runSimulation } from './run-simulation.ts';
import { DEMO_USERS, type DemoUser, signDemoToken } from './users.ts';

export interface Demo {
  readonly app: App;
  readonly users: readonly SignedInUser[];
  /** What to tell whoever started it. */
  readonly greeting: string;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings of the server, none of them needed: a random `JWT_SECRET`, and only warnings are logged.
 * @throws {ConfigError} as {@link readConfig} does, and when the tokens are to be checked by a key that cannot sign them.
 */
export function readDemoConfig(environment: Environment): Config {
  for (const setting of ['JWT_PUBLIC_KEY', 'JWT_JWKS_URL']) {
    if (!environment[setting]?.trim()) continue;
    const mend = 'unset it, or set JWT_SECRET instead';
    throw new ConfigError([`${setting} cannot be used by the demo, which signs its own tokens: ${mend}.`]);
  }
  const settings = {
    ...environment,
    JWT_SECRET: environment['JWT_SECRET']?.trim() || randomBytes(32).toString('base64url'),
    LOG_LEVEL: environment['LOG_LEVEL']?.trim() || 'warn',
  };
  return readConfig(settings, { needsRedis: false });
}

/** Starts the server, demo users, a page for each, and a simulated DMS that keeps publishing. */
export async function startDemo(config: Config): Promise<Demo> {
  const log = createLogger(config.logLevel);
  const [first, ...others] = DEMO_USERS;
  const signIn = async (user: DemoUser): Promise<SignedInUser> => ({
    ...user,
    token: await signDemoToken(user.person, config.token),
  });
  const users = [await signIn(first), ...(await Promise.all(others.map(signIn)))] as const;
  const app = await startApp(config, log, {
    graphiql: createDemoPage([...users], config.roleClasses),
    otherwise: redirectHome,
  });
  const publisher = createPublisher(app.bus, createTopicNames(config.topicPrefix), config.retention);
  const simulation = runSimulation(publisher, log);
  return {
    app,
    users,
    greeting: writeGreeting(app.url, config, users),
    async close() {
      simulation.stop();
      await app.close();
    },
  };
}

function redirectHome(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.split('?')[0] !== '/') notFound(request, response);
  else response.writeHead(302, { location: GRAPHQL_PATH }).end();
}
