/** How many faults are named. A manifest of another schema has one in each document. */
const MAX_NAMED = 20;

/** All that is wrong with the manifests of trusted documents, at once: where it is, and why. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  /** The first of them, and how many more there are. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    const more = faults.length - MAX_NAMED;
    const named = [...faults.slice(0, MAX_NAMED), ...(more > 0 ? [`and ${more} more`] : [])];
    super(
      [
        'The trusted documents (TRUSTED_DOCUMENTS) need mending:',
        ...named.map((fault) => `  - ${fault}`),
      ].join('\n'),
    );
    this.faults = named;
  }
}
