import { createHash } from 'node:crypto';
import type { DocumentNode } from 'graphql';

/**
 * Names documents: equal texts get equal names, although a cache may have dropped the document of an audience and parsed the text
 * again. A name is a digest, since texts are long. A document that does not know its text gets a name of its own.
 */
export function nameDocuments(): (document: DocumentNode) => string {
  const names = new WeakMap<DocumentNode, string>();
  let count = 0;
  return (document) => {
    const known = names.get(document);
    if (known !== undefined) return known;
    const text = document.loc?.source.body;
    count += 1;
    const name =
      text === undefined ? `${count}` : createHash('sha256').update(text, 'utf16le').digest('base64');
    names.set(document, name);
    return name;
  };
}
