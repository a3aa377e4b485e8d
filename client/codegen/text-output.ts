import type { CodegenConfig } from '@graphql-codegen/cli';

type Output = CodegenConfig['generates'][string];

/** A file of this text. codegen names its plugins by packages; a preset may bring one along. */
export function asText(content: string): Output {
  return {
    preset: {
      buildGeneratesSection: ({ baseOutputDir, schema, config }) => [
        {
          filename: baseOutputDir,
          schema,
          config,
          documents: [],
          plugins: [{ text: {} }],
          pluginMap: { text: { plugin: () => content } },
        },
      ],
    },
  };
}
