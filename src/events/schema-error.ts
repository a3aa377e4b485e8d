/** All that is wrong with an SDL, at once: where it is, and what to write. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly faults: readonly string[];

  constructor(file: string, faults: readonly string[]) {
    super([`The schema ${file} needs mending:`, ...faults.map((fault) => `  - ${fault}`)].join('\n'));
    this.faults = faults;
  }
}
