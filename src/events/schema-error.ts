/** All that is wrong with an SDL, at once: where it is, and what to write. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';

  constructor(file: string, faults: readonly string[]) {
    super([`The schema ${file} needs mending:`, ...faults.map((fault) => `  - ${fault}`)].join('\n'));
  }
}
