import { createDocuments, type DocumentOptions, type Documents } from './documents.ts';
import { readManifests } from './manifests.ts';

interface DocumentsToPrepare extends Pick<DocumentOptions, 'limits' | 'introspection'> {
  readonly documents: { readonly manifests: readonly string[]; readonly isOnly: boolean };
}

/**
 * The documents that clients may send, or name by their hash, as the settings say.
 * @throws {ManifestError} with all that is wrong with the trusted ones.
 */
export function prepareDocuments(
  { limits, introspection, documents: { manifests, isOnly } }: DocumentsToPrepare,
  { schema }: Pick<DocumentOptions, 'schema'>,
): Documents {
  return createDocuments({
    schema,
    limits,
    introspection,
    trusted: { listed: readManifests(manifests), isOnly },
  });
}
