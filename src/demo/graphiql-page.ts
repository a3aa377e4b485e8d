import { type RoleClasses, scopeOf } from '../auth/access.ts';
import type { GraphiQLPage } from '../transport/yoga.ts';
import { type Example, examplesFor } from './examples.ts';
import { DEMO_USERS, type DemoUser, describePerson } from './users.ts';

/** A demo user with a token. */
export interface SignedInUser extends DemoUser {
  readonly token: string;
}

/**
 * GraphiQL keeps its tabs, and with them the examples of an earlier start, in the browser's storage, and the query in the
 * page's address; both would be shown instead of ours. (The theme that somebody has chosen may stay.)
 */
const START_AFRESH = `<script>
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith('graphiql:') && key !== 'graphiql:theme') localStorage.removeItem(key);
    }
  } catch {} // storage is switched off: nothing is kept
  const address = new URL(location.href);
  address.searchParams.delete('query');
  history.replaceState({}, '', address);
</script>`;

/**
 * Tabs that are there from the start are drawn where they are and clicked where GraphiQL's animation has left them, i.e.
 * somewhere else: they stay put. And a long title would grow over two lines, out of its bar.
 */
const MENDED_STYLE = `<style>
  .graphiql-tab { transform: none !important; }
  .graphiql-logo { white-space: nowrap; }
</style>`;

/** GraphiQL with the examples and the token of the user whom the address names: `/graphql?as=store-head`. */
export function createDemoPage(
  users: readonly [SignedInUser, ...SignedInUser[]],
  roleClasses: RoleClasses,
): GraphiQLPage {
  return {
    options(request) {
      const slug = new URL(request.url).searchParams.get('as');
      const user = users.find((known) => known.slug === slug) ?? users[0];
      const headers = JSON.stringify({ Authorization: `Bearer ${user.token}` }, null, 2);
      const { isAuditor } = scopeOf({ ...user.person }, roleClasses);
      const examples = examplesFor({ isAuditor, hasUnit: user.person.unitId !== null });
      return {
        title: describePerson(user.person),
        headers,
        defaultTabs: examples.map((example, place) => ({ ...tabOf(example, place, user), headers })),
        subscriptionsProtocol: 'SSE',
        shouldPersistHeaders: false,
        defaultEditorToolsVisibility: 'headers',
      };
    },
    adapt: (html) => html.replace('<head>', () => `<head>${START_AFRESH}${MENDED_STYLE}`),
  };
}

function tabOf({ query, variables }: Example, place: number, user: SignedInUser) {
  return {
    query: place === 0 ? introduce(user) + query : query,
    ...(variables && { variables: JSON.stringify(variables, null, 2) }),
  };
}

function introduce({ person, slug }: SignedInUser): string {
  const others = DEMO_USERS.filter((other) => other.slug !== slug).map(
    (other) => `/graphql?as=${other.slug}`,
  );
  return `# You are ${person.name}, ${describePerson(person)}.
# Be someone else: ${others.join('\n# or ')}
#
`;
}
