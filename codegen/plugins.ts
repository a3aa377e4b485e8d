/** What is generated from schema.graphql by code of our own, as plugins of codegen. */
import type { CodegenConfig } from '@graphql-codegen/cli';
import { type Domain, readDomain } from '../src/events/domain.ts';
import { describeEntities } from '../src/events/entities.ts';
import { describeMessages } from '../src/events/json-schema.ts';
import { writeEventTypes } from './event-types.ts';

type Plugin = Awaited<ReturnType<NonNullable<CodegenConfig['pluginLoader']>>>;

const toJson = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;

/** A plugin that reads the schema as the server does, so that it sees the order of fields and the same faults. */
const from = (write: (domain: Domain) => string): Plugin => ({ plugin: () => write(readDomain()) });

const OWN_PLUGINS: Readonly<Record<string, Plugin>> = {
  'event-types': from(({ kinds }) => writeEventTypes(kinds)),
  'json-schema': from(({ kinds }) => toJson(describeMessages(kinds))),
  /** These hooks run in browsers: React may not load them where it renders server components. */
  'use-client': { plugin: () => ({ prepend: ["/* Generated. */\n'use client';\n"], content: '' }) },
  entities: from((domain) => toJson(describeEntities(domain))),
};

/** Finds our plugins by name, and those of packages. */
export async function loadPlugin(name: string): Promise<Plugin> {
  return OWN_PLUGINS[name] ?? import(name);
}
