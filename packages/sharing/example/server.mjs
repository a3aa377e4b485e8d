/**
 * A stock exchange: whoever watches the same symbol, as a member of the same team, shares one execution, whether by WebSocket or by
 * server-sent events. `node server.mjs`, then open http://localhost:4000/graphql in several tabs.
 */
import { createServer } from 'node:http';
import { useServer } from 'graphql-ws/use/ws';
import { createSchema, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { createSharedSubscriptions } from 'yoga-shared-subscriptions';

let executions = 0;

const schema = createSchema({
  typeDefs: /* GraphQL */ `
    type Query {
      "How often a price was computed, and for how many audiences there is somebody now."
      executions: Int!
      audiences: Int!
    }
    type Subscription {
      price(symbol: String!): Price!
    }
    type Price {
      symbol: String!
      team: String!
      cents: Int!
    }
  `,
  resolvers: {
    Query: { executions: () => executions, audiences: () => sharing.audiences },
    Subscription: {
      price: {
        async *subscribe(_root, { symbol }, { team }) {
          for (let cents = 100; ; cents += 1) {
            yield { symbol, team, cents };
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        },
        resolve(price) {
          executions += 1;
          return price;
        },
      },
    },
  },
});

/** All that decides what a subscriber may see. A real server takes it from a verified token. */
const teamOf = (headers) => headers['x-team'] ?? 'guests';

const sharing = createSharedSubscriptions({
  // The shared execution sees this context and no other: the team, and nothing of any one member.
  audienceOf: ({ contextValue: { team } }) => ({ key: team, createContext: () => ({ team }) }),
});

const yoga = createYoga({
  schema,
  plugins: [sharing.plugin],
  graphiql: { subscriptionsProtocol: 'WS' },
  context: ({ request, team }) => ({ team: team ?? teamOf(Object.fromEntries(request.headers)) }),
});

const server = createServer(yoga);
useServer(
  {
    execute: (args) => args.rootValue.execute(args),
    subscribe: (args) => args.rootValue.subscribe(args),
    async onSubscribe({ connectionParams }, _id, { query, operationName, variables }) {
      const enveloped = yoga.getEnveloped({ team: teamOf(connectionParams ?? {}) });
      const { schema, parse, validate, execute, subscribe, contextFactory } = enveloped;
      try {
        const document = parse(query);
        const faults = validate(schema, document);
        if (faults.length > 0) return faults;
        const contextValue = await contextFactory();
        const rootValue = { execute, subscribe };
        return { schema, document, operationName, variableValues: variables, contextValue, rootValue };
      } catch (error) {
        return [error]; // a syntax error, say: it ends this operation and not the socket
      }
    },
  },
  new WebSocketServer({ server, path: yoga.graphqlEndpoint }),
);

server.listen(process.env.PORT ?? 4000, () => {
  process.stdout.write(`listening on http://localhost:${server.address().port}${yoga.graphqlEndpoint}\n`);
});
