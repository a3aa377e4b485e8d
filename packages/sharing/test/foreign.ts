import { GraphQLError } from 'graphql';
import { createSchema, createYoga, type Plugin, Repeater } from 'graphql-yoga';
import { isShared, type SharedResults } from '../src/member.ts';
import type { SharedSubscriptionsOptions } from '../src/options.ts';
import { createSharedSubscriptions } from '../src/shared-subscriptions.ts';
import { settled } from './settled.ts';

interface Tenancy {
  readonly tenant: string;
}

function tenantOf(context: unknown): string {
  if (typeof context !== 'object' || context === null || !('tenant' in context)) throw new Error('no tenant');
  return String(context.tenant);
}

/** A schema with a counter for each tenant, which counts how often it was subscribed to and executed. */
export function createForeign(options: Partial<SharedSubscriptionsOptions> = {}, more: Plugin[] = []) {
  const sources = new Map<string, (count: number) => Promise<unknown>>();
  const counts = { sources: 0, executions: 0, stops: 0 };
  const contexts: object[] = [];
  const schema = createSchema<Tenancy>({
    typeDefs: 'type Query { tenant: String } type Subscription { count(from: Int = 0): Int, broken: Int }',
    resolvers: {
      Query: { tenant: (_root, _args, { tenant }) => tenant },
      Subscription: {
        count: {
          subscribe: (_root, { from }: { from: number }, context) =>
            new Repeater<number>(async (push, stop) => {
              counts.sources += 1;
              contexts.push(context);
              sources.set(context.tenant, (count) => Promise.resolve(push(from + count)));
              await stop;
              counts.stops += 1;
            }),
          resolve: (value: number) => {
            counts.executions += 1;
            if (value === 13) throw new Error('unlucky');
            return value;
          },
        },
        broken: {
          subscribe: () => {
            throw new GraphQLError('no source');
          },
        },
      },
    },
  });
  const sharing = createSharedSubscriptions({
    audienceOf: ({ contextValue }) => {
      const tenant = tenantOf(contextValue);
      return { key: tenant, createContext: () => ({ tenant }) };
    },
    ...options,
  });
  const yoga = createYoga<Tenancy>({ schema, plugins: [sharing.plugin, ...more], logging: false });

  async function subscribe(tenant: string, query = 'subscription { count }', variableValues = {}) {
    const context = { tenant };
    const enveloped = yoga.getEnveloped(context);
    const document = enveloped.parse(query);
    return enveloped.subscribe({
      schema,
      document,
      variableValues,
      contextValue: await enveloped.contextFactory(),
    });
  }

  async function follow(tenant: string, query?: string, variableValues?: object): Promise<SharedResults> {
    const outcome = await subscribe(tenant, query, variableValues);
    if (!isShared(outcome)) throw new Error(`not shared but ${JSON.stringify(outcome)}`);
    await settled();
    return outcome;
  }

  return {
    sharing,
    counts,
    contexts,
    subscribe,
    follow,
    yoga,
    push: async (tenant: string, count: number) => {
      void sources.get(tenant)?.(count);
      await settled();
    },
  };
}
