import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest. Vitest does not know that on a clean checkout, where it begins with the largest files. */
const LONGEST = [
  'test/django/python.test.ts',
  'test/django/postgres.test.ts',
  'test/package/package.test.ts',
  'test/wire/redis-writes.test.ts',
  'test/client/demo-app.test.ts',
  'test/django/faults.test.ts',
  'test/client/demo-app-quality.test.ts',
  'test/faults/sentinel.test.ts',
  'test/wire/redis-refuses.test.ts',
  'test/client/recipes.test.ts',
  'test/demo/rest.test.ts',
  'test/faults/redis-restarts.test.ts',
  'test/django/demo.test.ts',
  'test/wire/retention.test.ts',
  'test/browser/graphiql.test.ts',
  'test/client/demo-app-connection.test.ts',
  'test/faults/cluster.test.ts',
  'test/wire/validate.test.ts',
  'test/wire/closed-sockets.test.ts',
  'test/wire/jwks.test.ts',
  'test/unit/demo-start.test.ts',
  'test/django/units.test.ts',
  'test/django/requests.test.ts',
  'test/wire/redis-deaf.test.ts',
  'test/faults/slow-clients.test.ts',
  'test/simulation/simulation.test.ts',
  'test/client/connection-browser.test.ts',
  'test/wire/presence.test.ts',
  'test/faults/pubsub-kills.test.ts',
  'test/wire/resume-races.test.ts',
  'test/wire/sharing.test.ts',
  'test/wire/limits.test.ts',
  'test/client/connection.test.ts',
  'test/wire/profile.test.ts',
  'test/wire/authorization.test.ts',
  'test/wire/fuzz.test.ts',
  'test/client/connection-fallback.test.ts',
  'test/faults/silent-redis.test.ts',
  'test/wire/redis.test.ts',
  'test/faults/server-killed.test.ts',
  'test/deploy/nginx.test.ts',
  'test/wire/resume-slow.test.ts',
  'test/wire/leaks.test.ts',
  'test/wire/diagnosis.test.ts',
  'test/django/things.test.ts',
  'test/faults/workers.test.ts',
  'test/wire/document-cost.test.ts',
  'test/faults/drain.test.ts',
  'test/client/office.test.ts',
  'test/wire/process.test.ts',
  'test/faults/cut-clients.test.ts',
];

/** Begins with the files that take longest, so that no worker is left alone with one of them at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex((path) => moduleId.endsWith(path));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
