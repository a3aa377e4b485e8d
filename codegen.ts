import type { CodegenConfig } from '@graphql-codegen/cli';
import { clientOutputs } from './client/codegen/outputs.ts';

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
 * Everything that follows from the SDL: the types of the schema and of its resolvers, and the React client's operations, hooks
 * and shapes. `npm run generate` writes it; CI checks for drift.
 */
const config: CodegenConfig = {
  schema: SCHEMA,
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
    ...clientOutputs(SCHEMA, types),
  },
};

export default config;
