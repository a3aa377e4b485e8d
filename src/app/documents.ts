import type { Config } from '../config/config.ts';
import type { Domain } from '../events/domain.ts';
import { createDocuments, type Documents } from '../graphql/documents.ts';
import { readManifests } from '../graphql/manifests.ts';

/**
 * The documents that clients may send, or name by their hash.
 * @throws {ManifestError} with all that is wrong with the trusted ones.
 */
export function prepareDocuments(
  {
    limits,
    introspection,
    documents: { manifests, isOnly },
  }: Pick<Config, 'limits' | 'introspection' | 'documents'>,
  { schema }: Pick<Domain, 'schema'>,
): Documents {
  return createDocuments({
    schema,
    limits,
    introspection,
    trusted: { listed: readManifests(manifests), isOnly },
  });
}
