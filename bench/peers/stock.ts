/** The stock stack, as shown in the documentation of Yoga, graphql-ws and graphql-redis-subscriptions. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ExecutionArgs } from 'graphql';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { useServer } from 'graphql-ws/use/ws';
import { createSchema, createYoga } from 'graphql-yoga';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { announce, REDIS_URL } from './peer.ts';

const pubsub = new RedisPubSub({ publisher: new Redis(REDIS_URL), subscriber: new Redis(REDIS_URL) });

const yoga = createYoga({
  schema: createSchema({
    typeDefs: readFileSync('schema.graphql', 'utf8'),
    resolvers: {
      Subscription: {
        requestUpdated: {
          subscribe: (_root: unknown, { unitId }: { unitId: string }) =>
            pubsub.asyncIterableIterator(`dms:request:unit:${unitId}`),
          resolve: (event: unknown) => event,
        },
      },
    },
  }),
});

type Enveloped = Pick<ReturnType<typeof yoga.getEnveloped>, 'execute' | 'subscribe'>;

/** The recipe passes Yoga's functions in `rootValue`. */
function envelopedOf({ rootValue }: ExecutionArgs): Enveloped {
  if (!isEnveloped(rootValue)) throw new TypeError('no enveloped functions');
  return rootValue;
}

function isEnveloped(value: unknown): value is Enveloped {
  return typeof value === 'object' && value !== null && 'execute' in value && 'subscribe' in value;
}

const http = createServer(yoga);
useServer(
  {
    execute: (args) => envelopedOf(args).execute(args),
    subscribe: (args) => envelopedOf(args).subscribe(args),
    async onSubscribe(context, _id, params) {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...context,
        req: context.extra.request,
        socket: context.extra.socket,
        params,
      });
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  },
  new WebSocketServer({ server: http, path: yoga.graphqlEndpoint }),
);
http.listen(0, '127.0.0.1', () => announce(http));
