import {
  type App,
  createAppPublisher,
  createLogger,
  createTokenControl,
  type Logger,
  notFound,
  type RequestHandler,
  startApp,
} from 'dms-live';
import { APP_FOLDER, createAppFiles } from './app-files.ts';
import { letColleaguesLook } from './colleagues-look.ts';
import { createDemoPage, type SignedInUser } from './graphiql-page.ts';
import { writeGreeting } from './greeting.ts';
import { seededRandom } from './random.ts';
import { listEndpoints } from './rest/endpoints.ts';
import { createRestApi } from './rest/rest-api.ts';
import { createSignIn } from './rest/sign-in.ts';
import { runSimulation, type Simulation } from './run-simulation.ts';
import type { DemoConfig } from './settings.ts';
import { signInDemoUsers } from './signed-in-users.ts';

export { readDemoConfig } from './settings.ts';

export interface Demo {
  readonly app: App;
  readonly users: readonly SignedInUser[];
  /** What to print once it runs. */
  readonly greeting: string;
  close(): Promise<void>;
}

export interface DemoOptions {
  /** Where the demo app is built to. */
  readonly appFolder?: string;
}

/** Starts the server, demo users, a simulated DMS that keeps publishing, its REST API, the demo app, and a GraphiQL for each user. */
export async function startDemo(
  config: DemoConfig,
  { appFolder = APP_FOLDER }: DemoOptions = {},
): Promise<Demo> {
  const log = createLogger(config.logLevel);
  const users = await signInDemoUsers(config);
  const appFiles = await createAppFiles(appFolder);
  let api: RequestHandler = notFound; // until there is a bus to publish on

  const app = await startApp(config, log, {
    graphiql: createDemoPage(users, config),
    otherwise: (request, response) =>
      request.url?.startsWith('/api/') ? api(request, response) : appFiles(request, response),
  });
  const publisher = createAppPublisher(app, config);
  const { pace = 'busy', seed } = config.demo;
  const simulation = runSimulation({ publisher, log, pace, seed });
  api = createApi(config, app, simulation, log);
  const { basePath, presence, token: tokens } = config;
  const url = `${app.url}${basePath}`;
  const colleagues = { url, tokens, simulation, random: seededRandom(seed), log };
  const stopLooking = presence ? letColleaguesLook(colleagues) : undefined;
  return {
    app,
    users,
    greeting: writeGreeting(app.url, config, users),
    async close() {
      simulation.stop();
      stopLooking?.();
      await app.close();
    },
  };
}

function createApi(config: DemoConfig, app: App, simulation: Simulation, log: Logger): RequestHandler {
  const { accessTokenSeconds, pace } = config.demo;
  const tokens = createTokenControl(app, config, log);
  const signIn = createSignIn({ settings: config.token, accessTokenSeconds, tokens });
  let isPaceChosen = pace !== undefined;
  const endpoints = listEndpoints({
    office: simulation,
    signIn,
    pace: {
      get: () => simulation.pace,
      set(chosen) {
        isPaceChosen = true;
        simulation.pace = chosen;
      },
    },
    onSignIn() {
      if (!isPaceChosen) simulation.pace = 'calm';
    },
  });
  return createRestApi(endpoints, signIn);
}
