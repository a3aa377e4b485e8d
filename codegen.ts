import type { CodegenConfig } from '@graphql-codegen/cli';
import { clientOutputs } from './client/codegen/outputs.ts';
import { pageOutputs } from './codegen/pages.ts';
import { loadPlugin } from './codegen/plugins.ts';
import { readDomain } from './src/events/domain.ts';

/** How the schema's types are written, on both sides. */
const types = {
  enumsAsTypes: true,
  immutableTypes: true,
  skipTypename: true,
  strictScalars: true,
  useTypeImports: true,
  scalars: { DateTime: 'string', JSON: 'unknown', ID: { input: 'string', output: 'string' } },
};

const SCHEMA = 'schema.graphql';

/**
 * Everything that follows from the SDL: the types of the schema, of its resolvers and of events, what publishers in other
 * languages need to know, the React client's operations, hooks and shapes, and the tables of the pages. `npm run generate` writes
 * it; CI checks for drift.
 */
const config: CodegenConfig = {
  schema: SCHEMA,
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
    'django/dms_live/entities.json': { plugins: ['entities'] }, // its wheel holds no files from outside
    ...clientOutputs(SCHEMA, types),
    ...pageOutputs(readDomain(), new URL('./', import.meta.url)),
  },
};

export default config;
