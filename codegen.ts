import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types of the schema and of its resolvers, from the SDL; `npm run generate` writes them, CI checks for drift. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  generates: {
    'src/generated/schema.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        contextType: '../graphql/context.ts#Context',
        enumsAsTypes: true,
        immutableTypes: true,
        maybeValue: 'T | null',
        avoidOptionals: { field: true, inputValue: false, object: false },
        skipTypename: true,
        strictScalars: true,
        useTypeImports: true,
        scalars: { DateTime: 'string', JSON: 'unknown', ID: { input: 'string', output: 'string' } },
      },
    },
  },
};

export default config;
