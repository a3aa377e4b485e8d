/**
 * Marks a request that no user has asked for: the refresh of a token, the refetch for an event. Time-outs for idle users leave such
 * requests out.
 */
export const BACKGROUND: Readonly<Record<string, string>> = { 'Dms-Live-Background': '1' };
