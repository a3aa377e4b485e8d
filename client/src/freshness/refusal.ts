const REFUSALS: ReadonlySet<unknown> = new Set([403, 404, 410]);

/**
 * Whether a REST API has answered that this is not to be had (403, 404, 410). An error of Axios and a `Response` both say it. The
 * same statuses with a page of HTML or a plain text are of a proxy, which knows nothing of what the user may see: no refusal.
 */
export function isRefusal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const response = 'response' in error && typeof error.response === 'object' ? error.response : error;
  if (response === null || !('status' in response) || !REFUSALS.has(response.status)) return false;
  const type = contentTypeOf(response);
  return type === undefined || /[/+]json\b/i.test(type);
}

/** `undefined`: it says none, or its headers are not known. */
function contentTypeOf(response: object): string | undefined {
  if (!('headers' in response) || typeof response.headers !== 'object' || response.headers === null)
    return undefined;
  const { headers } = response;
  const type =
    headers instanceof Headers
      ? headers.get('content-type')
      : Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return typeof type === 'string' ? type : undefined;
}
