import type { Reader } from './reader.ts';

/** Which documents are run. */
export interface DocumentSettings {
  /** Files and folders of manifests. Empty: every document is run that is within the limits, and is sent as text. */
  readonly manifests: readonly string[];
  /** Whether nothing but what a manifest has is run, so that no text is accepted. */
  readonly isOnly: boolean;
}

type Mode = 'only' | 'also';

export function readDocumentSettings(read: Reader): DocumentSettings {
  const manifests = read.list('TRUSTED_DOCUMENTS', []);
  const isModeSet = read.text('TRUSTED_DOCUMENTS_MODE') !== undefined;
  const mode = read.choice<Mode>('TRUSTED_DOCUMENTS_MODE', 'only', ['only', 'also']);
  // Otherwise a server that is to run trusted documents only would run all.
  if (isModeSet && manifests.length === 0)
    read.fault('TRUSTED_DOCUMENTS_MODE needs TRUSTED_DOCUMENTS: the manifests.');
  return { manifests, isOnly: manifests.length > 0 && mode === 'only' };
}
