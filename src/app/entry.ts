import { createQuota } from '../auth/quota.ts';
import { createSessions } from '../auth/sessions.ts';
import type { Config } from '../config/config.ts';
import { createOperationLog } from '../graphql/operation-log.ts';
import { createAdmission } from '../transport/admission/admission.ts';
import { createRefusalReports } from '../transport/admission/refusal-reports.ts';
import { createClientAddresses } from '../transport/client-address.ts';
import { createOriginCheck } from '../transport/origin.ts';
import type { Topics } from './topics.ts';

export type Entry = ReturnType<typeof createEntry>;

/** Who may come in, how often, and with how much. */
export function createEntry(config: Config, services: Topics['services']) {
  const { limits, proxies } = config;
  const { observer, presence, securityLog, log } = services;
  const report = createRefusalReports((limit, address, session) => {
    observer.refused(limit);
    securityLog.note({ event: 'limit.reached', limit, ...(session ? session.who : { address }) });
  }, log);
  return {
    sessions: createSessions(config, { ...services, ...(presence && { onEnding: presence.forget }) }),
    connections: createQuota(limits.maxConnectionsPerUser),
    subscriptions: createQuota(limits.maxSubscriptionsPerUser),
    isAllowedOrigin: createOriginCheck({ ...config, securityLog, log }),
    operations: createOperationLog(securityLog, services.names),
    report,
    admission: createAdmission({ limits, clients: createClientAddresses(proxies, log), report }),
  };
}
