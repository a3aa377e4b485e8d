import type { Conflict } from './conflict.ts';

/** An answer that is not what was asked for; `detail` is what the user reads. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly status: number;
  /** With 409: what stands in the way. */
  readonly conflict: Conflict | undefined;

  constructor(status: number, detail: string, conflict?: Conflict) {
    super(detail);
    this.status = status;
    this.conflict = conflict;
  }
}

export const badRequest = (detail: string): RestError => new RestError(400, detail);
export const forbidden = (detail: string): RestError => new RestError(403, detail);
export const notFound = (): RestError => new RestError(404, 'Not found.');
