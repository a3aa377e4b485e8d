import type { Session } from '../../auth/session.ts';
import type { Logger } from '../../log.ts';
import type { LimitName } from './places.ts';

/**
 * Reports refusals to the operator: each is counted, few are logged.
 * @param session who it was, if the client had signed in.
 */
export type ReportRefusal = (limit: LimitName, address: string, session?: Pick<Session, 'who'>) => void;

/** The shortest time between two log lines about the same limit, in milliseconds. */
const LOG_MS = 60_000;

/** What an operator can do, besides waiting. */
const HINT =
  'if this address is a proxy of yours, name it in TRUSTED_PROXIES; if many share it, raise the limit (docs/limits.md)';

/** @param note counts each. */
export function createRefusalReports(note: ReportRefusal, log: Logger): ReportRefusal {
  const logged = new Map<LimitName, { at: number; since: number }>();
  return (limit, address, session) => {
    note(limit, address, session);
    const last = logged.get(limit);
    const now = performance.now();
    if (last !== undefined && now - last.at < LOG_MS) {
      last.since += 1;
      return;
    }
    logged.set(limit, { at: now, since: 0 });
    log.warn({ limit, address, since: last?.since ?? 0, hint: HINT }, 'over a limit: refused');
  };
}
