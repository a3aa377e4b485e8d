import { AxiosError, type AxiosResponse, isAxiosError } from 'axios';
import { describeError, fromTheDms, http, OFFLINE } from './http.ts';

/** Nobody knows whether the DMS has done what was asked: its answer was lost, late, or another one's. */
export class OutcomeUnknown extends Error {
  /** It was sent with a key: sent again by the same dialog, nothing is made twice. */
  readonly isRepeatable: boolean;

  constructor(
    message: string,
    { isRepeatable, cause }: { readonly isRepeatable: boolean; readonly cause: unknown },
  ) {
    super(message, { cause });
    this.isRepeatable = isRepeatable;
  }
}

/**
 * Changes something in the DMS.
 * @param key of what is created, see `newKey`.
 * @throws {OutcomeUnknown} It may have been saved. Any other error says that it was not.
 */
export async function write<Row>(
  method: 'post' | 'put',
  path: string,
  body: unknown,
  key?: string,
): Promise<AxiosResponse<Row>> {
  if (!navigator.onLine) throw new AxiosError('offline', OFFLINE);
  const headers = key === undefined ? {} : { 'Idempotency-Key': `"${key}"` };
  try {
    return fromTheDms(await http.request<Row>({ method, url: path, data: body, headers }));
  } catch (error) {
    if (isRefused(error)) throw error;
    throw new OutcomeUnknown(describeError(error), { isRepeatable: key !== undefined, cause: error });
  }
}

/** The DMS has said itself why it did not do it, or what stands before it has let nothing through. */
function isRefused(error: unknown): boolean {
  const response = isAxiosError(error) ? error.response : undefined;
  if (response === undefined || response.status < 400) return false;
  const body: unknown = response.data;
  return response.status < 500 || (typeof body === 'object' && body !== null && 'detail' in body);
}

/**
 * What went wrong with what was to be saved, in words for the user.
 * @param isOpen whether the dialog is there still that sent it: another one has other keys.
 */
export function describeFailedWrite(error: unknown, { isOpen }: { readonly isOpen: boolean }): string {
  if (!(error instanceof OutcomeUnknown)) return describeError(error);
  const advice =
    error.isRepeatable && isOpen ? 'Send it again: nothing is made twice.' : 'Look again before repeating.';
  return `${error.message} We do not know whether it was saved. ${advice}`;
}
