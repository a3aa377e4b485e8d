import type { CodegenConfig } from '@graphql-codegen/cli';
import { loadPlugin } from './codegen/plugins.ts';

/** How the schema's types are written, on both sides. */
const types = {
  enumsAsTypes: true,
  immutableTypes: true,
  skipTypename: true,
  strictScalars: true,
  useTypeImports: true,
  scalars: { DateTime: 'string', JSON: 'unknown', ID: { input: 'string', output: 'string' } },
};

const CLIENT = 'client/src/generated';

/**
 * From the SDL: the types of the schema, of its resolvers and of events, and what publishers in other languages need to know. From
 * the React client's documents: its operations and hooks. `npm run generate` writes them, CI checks for drift.
 */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  pluginLoader: loadPlugin,
  importExtension: '.ts', // as Node and a browser take modules
  generates: {
    'src/generated/schema.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        ...types,
        contextType: '../graphql/context.ts#Context',
        maybeValue: 'T | null',
        avoidOptionals: { field: true, inputValue: false, object: false },
      },
    },
    'src/generated/events.ts': { plugins: ['event-types'] },
    'contract/events.schema.json': { plugins: ['json-schema'] },
    'contract/entities.json': { plugins: ['entities'] },
    [`${CLIENT}/operations.ts`]: {
      documents: 'client/src/operations/*.graphql',
      plugins: ['typescript-operations', 'typed-document-node'],
      config: { ...types, documentMode: 'documentNode', pureMagicComment: true, dedupeFragments: true },
    },
    [`${CLIENT}/hooks.ts`]: {
      documents: 'client/src/operations/*.graphql',
      plugins: ['typescript-urql'],
      config: {
        useTypeImports: true,
        documentMode: 'external',
        importDocumentNodeExternallyFrom: './operations.ts',
        importOperationTypesFrom: 'Operations',
      },
    },
  },
};

export default config;
