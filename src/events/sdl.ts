/** Reads the SDL of what a server serves, and its directives. */
import { readFileSync } from 'node:fs';
import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getDirectiveValues,
  Kind,
  parse,
  print,
  Source,
  validateSchema,
  visit,
} from 'graphql';
import { messageOf } from '../errors.ts';
import { ownFile } from '../own-files.ts';
import { isPresenceField } from './presence-fields.ts';
import { SchemaError } from './schema-error.ts';

/** The DMS's. */
export const DMS_SCHEMA = ownFile('schema.graphql');

/** The server defines these types, and all directives. A schema that leaves them out gets the server's definitions. */
const SERVER_TYPES: ReadonlySet<string> = new Set(['RoleClass', 'DateTime', 'JSON', 'Viewer']);
/** Also these, for a schema that has a field for who is present. Another schema may mean something else by them. */
const PRESENCE_TYPES: ReadonlySet<string> = new Set(['Presence', 'PresenceDoing']);

export interface Sdl {
  readonly document: DocumentNode;
  readonly schema: GraphQLSchema;
}

/**
 * @param file default: the DMS's schema.
 * @throws {SchemaError} for what is no valid SDL, or gives another meaning to what the server defines.
 */
export function readSdl(file: string = DMS_SCHEMA): Sdl {
  const own = parseFile(file);
  const document = file === DMS_SCHEMA ? own : withServerDefinitions(own, file);
  try {
    const schema = buildASTSchema(document);
    const faults = validateSchema(schema);
    if (faults.length > 0) throw new SchemaError(file, faults.map(String));
    return { document, schema };
  } catch (error) {
    throw error instanceof SchemaError ? error : new SchemaError(file, messageOf(error).split('\n\n'));
  }
}

function parseFile(file: string): DocumentNode {
  try {
    return narrowNames(parse(new Source(readFileSync(file, 'utf8'), file)));
  } catch (error) {
    throw new SchemaError(file, [String(error)]);
  }
}

/**
 * Copies a document so that its names take one byte for each character. The parser cuts names out of the text, and the text takes two
 * bytes for each character if a description has one such as "…". A result with a word of an enum would then take two as well.
 */
function narrowNames(document: DocumentNode): DocumentNode {
  return visit(document, {
    Name: (node) => ({ ...node, value: Buffer.from(node.value, 'latin1').toString('latin1') }),
  });
}

/** Adds what the server defines to a schema that leaves it out. */
function withServerDefinitions(own: DocumentNode, file: string): DocumentNode {
  const hasPresence = own.definitions.some(declaresPresence);
  const isServerDefinition = (node: DefinitionNode): boolean =>
    node.kind === Kind.DIRECTIVE_DEFINITION ||
    SERVER_TYPES.has(nameOf(node)) ||
    (hasPresence && PRESENCE_TYPES.has(nameOf(node)));
  const ours = parseFile(DMS_SCHEMA).definitions.filter(isServerDefinition);
  const written = new Map(own.definitions.map((node) => [nameOf(node), meaningOf(node)]));
  const differing = ours.filter((node) => {
    const other = written.get(nameOf(node));
    return other !== undefined && other !== meaningOf(node);
  });
  if (differing.length > 0) {
    const advice = 'is defined by the server, and otherwise: leave the definition out';
    throw new SchemaError(
      file,
      differing.map((node) => `${nameOf(node)} ${advice}.`),
    );
  }
  const missing = ours.filter((node) => !written.has(nameOf(node)));
  return { ...own, definitions: [...missing, ...own.definitions] };
}

function declaresPresence(node: DefinitionNode): boolean {
  return (
    (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION) &&
    node.fields?.some(({ name }) => isPresenceField(name.value)) === true
  );
}

/** `@topic` of a directive, else the plain name. */
function nameOf(node: DefinitionNode): string {
  if (!('name' in node) || node.name === undefined) return '';
  return node.kind === Kind.DIRECTIVE_DEFINITION ? `@${node.name.value}` : node.name.value;
}

/** A definition as text, without its descriptions. */
function meaningOf(definition: DefinitionNode): string {
  return print(
    visit(definition, {
      enter: (node) => ('description' in node ? { ...node, description: undefined } : undefined),
    }),
  );
}

/** A part of the schema, with the SDL that declares it. */
export type Declared = Pick<
  GraphQLField<unknown, unknown> | GraphQLObjectType | GraphQLArgument,
  'name' | 'astNode'
>;

/** The arguments of a directive, or `undefined` where a part of the schema does not have it. */
export function readDirective(
  schema: GraphQLSchema,
  { astNode }: Declared,
  name: string,
): Readonly<Record<string, unknown>> | undefined {
  const definition = schema.getDirective(name);
  if (definition == null) throw new Error(`The schema does not define @${name}.`);
  return astNode == null ? undefined : getDirectiveValues(definition, astNode);
}
