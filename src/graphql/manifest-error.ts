/** How many faults are named. A manifest of another schema has one in each document. */
const MAX_NAMED = 20;

/** All that is wrong with the manifests of trusted documents, at once: where it is, and why. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    const named = faults.slice(0, MAX_NAMED).map((fault) => `  - ${fault}`);
    const more = faults.length - named.length;
    super(
      [
        'The trusted documents (TRUSTED_DOCUMENTS) need mending:',
        ...named,
        ...(more > 0 ? [`  - and ${more} more`] : []),
      ].join('\n'),
    );
    this.faults = faults;
  }
}
