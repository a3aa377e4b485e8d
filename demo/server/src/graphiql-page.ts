import type { Config, GraphiQLPage } from 'dms-live';
import { type Example, examplesFor } from './examples.ts';
import { DEMO_USERS, type DemoUser, describePerson } from './users.ts';

/** A demo user with a token. */
export interface SignedInUser extends DemoUser {
  readonly token: string;
}

/** GraphiQL with the examples and the token of the user whom the address names: `/graphql?as=store-head`. */
export function createDemoPage(
  users: readonly [SignedInUser, ...SignedInUser[]],
  { roleClasses, basePath }: Pick<Config, 'roleClasses' | 'basePath'>,
): GraphiQLPage {
  return {
    // The browser has the examples of an earlier start, which would be shown instead of ours.
    startsAfresh: true,
    options(search) {
      const slug = search.get('as');
      const user = users.find((known) => known.slug === slug) ?? users[0];
      const headers = JSON.stringify({ Authorization: `Bearer ${user.token}` }, null, 2);
      const isAuditor = roleClasses.AUDITOR.includes(user.person.role);
      const examples = examplesFor({ isAuditor, hasUnit: user.person.unitId !== null });
      return {
        title: describePerson(user.person),
        headers,
        defaultTabs: examples.map((example, place) => ({
          ...tabOf(example, place === 0 ? introduce(user, basePath) : ''),
          headers,
        })),
        subscriptionsProtocol: 'SSE',
        shouldPersistHeaders: false,
        defaultEditorToolsVisibility: 'headers',
      };
    },
  };
}

function tabOf({ query, variables }: Example, introduction: string) {
  return {
    query: introduction + query,
    ...(variables && { variables: JSON.stringify(variables, null, 2) }),
  };
}

function introduce({ person, slug }: SignedInUser, basePath: string): string {
  const others = DEMO_USERS.filter((other) => other.slug !== slug).map(
    (other) => `${basePath}/graphql?as=${other.slug}`,
  );
  return `# You are ${person.name}, ${describePerson(person)}.
# Be someone else: ${others.join('\n# or ')}
#
`;
}
