/** How long an answer of the DMS is awaited, in milliseconds. What has no answer by then has failed, or nobody knows its outcome. */
export const ANSWER_WITHIN_MS = 20_000;
