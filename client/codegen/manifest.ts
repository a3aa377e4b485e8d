import { createHash } from 'node:crypto';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { plugin as writeDocuments } from '@graphql-codegen/typed-document-node';
import { stringifyDocument } from '@urql/core';
import type { DocumentNode } from 'graphql';

type Output = CodegenConfig['generates'][string];

/** The text of a document as the client sends it, and its hash. */
function hashDocument(document: DocumentNode): { readonly hash: string; readonly text: string } {
  const text = stringifyDocument(document);
  return { hash: `sha256:${createHash('sha256').update(text).digest('hex')}`, text };
}

/** An option of `typed-document-node` that its types leave out. What is returned for a document becomes its `__meta__`. */
const onEach = (describe: (document: DocumentNode) => object | undefined): object => ({
  unstable_onExecutableDocumentNode: describe,
});

/** Options of `typed-document-node`: each document has its hash in `__meta__`, where the client preset of codegen has it too. */
export const withHashes = onEach((document) => ({ hash: hashDocument(document).hash }));

/**
 * A manifest of trusted documents: their hashes and texts.
 * @param config how the documents are written.
 */
export function asManifest(documents: readonly string[], config: object): Output {
  return {
    documents: [...documents],
    preset: {
      buildGeneratesSection: ({ baseOutputDir, schema, documents: read }) => [
        {
          filename: baseOutputDir,
          schema,
          config: {},
          documents: read,
          plugins: [{ manifest: {} }],
          pluginMap: {
            manifest: {
              async plugin(ast, files) {
                const texts: Record<string, string> = {};
                const noting = onEach((document) => {
                  const { hash, text } = hashDocument(document);
                  texts[hash] = text;
                  return undefined;
                });
                await writeDocuments(ast, files, { ...config, ...noting });
                return `${JSON.stringify(texts, null, 2)}\n`;
              },
            },
          },
        },
      ],
    },
  };
}
