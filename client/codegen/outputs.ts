import { readdirSync, readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { buildSchema } from 'graphql';
import { indexOf, type KindFile, kindsOf, liveHooksOf, statesOf, subscriptionsOf } from './kinds.ts';
import { asManifest, withHashes } from './manifest.ts';
import { operationsOf } from './operations.ts';
import { shapesOf } from './shapes.ts';
import { asText } from './text-output.ts';

const OPERATIONS = 'client/src/operations';
const KINDS = 'client/src/kinds';
const GENERATED = 'client/src/generated';

/**
 * The generated files of the React client. Everything that follows from the schema is here: fragments, subscriptions, types,
 * hooks, and the shapes by which events are written into rows. By hand are written queries and mutations (`operations/`) and
 * what is code for a kind (`kinds/`).
 * @param schemaPath the schema, in the order in which it is written: codegen itself sorts it.
 * @param types how the schema's types are written, on both sides.
 */
export function clientOutputs(schemaPath: string, types: object): CodegenConfig['generates'] {
  const schema = buildSchema(readFileSync(schemaPath, 'utf8'));
  const operations = operationsOf(schema);
  const kinds = filesIn(KINDS, '.ts');
  const written = filesIn(OPERATIONS, '.graphql').map(({ text }) => text);
  const documents = [`${OPERATIONS}/*.graphql`, operations];
  const config = { ...types, dedupeFragments: true };
  return {
    [`${GENERATED}/operations.graphql`]: asText(operations),
    [`${GENERATED}/operations.ts`]: {
      documents,
      plugins: ['typescript-operations', 'typed-document-node'],
      config: { ...config, ...withHashes },
    },
    [`${GENERATED}/trusted-documents.json`]: asManifest(documents, config),
    [`${GENERATED}/hooks.ts`]: {
      documents,
      plugins: ['use-client', 'typescript-urql'],
      config: {
        useTypeImports: true,
        documentMode: 'external',
        importDocumentNodeExternallyFrom: './operations.ts',
        importOperationTypesFrom: 'Operations',
      },
    },
    [`${GENERATED}/shapes.ts`]: asText(shapesOf(schema)),
    [`${GENERATED}/states.ts`]: asText(statesOf(schema)),
    [`${GENERATED}/subscriptions.ts`]: asText(subscriptionsOf(schema)),
    [`${GENERATED}/kinds.ts`]: asText(kindsOf(kinds)),
    [`${GENERATED}/live-hooks.ts`]: asText(liveHooksOf(kinds)),
    [`${GENERATED}/index.ts`]: asText(indexOf([...written, operations])),
  };
}

function filesIn(folder: string, extension: string): readonly KindFile[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .toSorted()
    .map((file) => ({
      name: file.slice(0, -extension.length),
      text: readFileSync(`${folder}/${file}`, 'utf8'),
    }));
}
