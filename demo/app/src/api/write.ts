import { AxiosError, type AxiosResponse, isAxiosError } from 'axios';
import { describeError, fromTheDms, http, OFFLINE } from './http.ts';

/** Nobody knows whether the DMS has done what was asked: its answer was lost, late, or another one's. */
export class OutcomeUnknown extends Error {}

/**
 * Changes something in the DMS.
 * @throws {OutcomeUnknown} It may have been saved. Any other error says that it was not.
 */
export async function write<Row>(
  method: 'post' | 'put',
  path: string,
  body: unknown,
): Promise<AxiosResponse<Row>> {
  if (!navigator.onLine) throw new AxiosError('offline', OFFLINE);
  try {
    return fromTheDms(await http.request<Row>({ method, url: path, data: body }));
  } catch (error) {
    if (isRefused(error)) throw error;
    throw new OutcomeUnknown(describeError(error), { cause: error });
  }
}

/** The DMS has said itself why it did not do it, or what stands before it has let nothing through. */
function isRefused(error: unknown): boolean {
  const response = isAxiosError(error) ? error.response : undefined;
  if (response === undefined || response.status < 400) return false;
  const body: unknown = response.data;
  return response.status < 500 || (typeof body === 'object' && body !== null && 'detail' in body);
}

/** What went wrong with what was to be saved, in words for the user. */
export function describeFailedWrite(error: unknown): string {
  if (!(error instanceof OutcomeUnknown)) return describeError(error);
  return `${error.message} We do not know whether it was saved. Look again before repeating.`;
}
