import type { ProfileSettings } from '../auth/profile.ts';
import type { TokenSettings } from '../auth/verify-token.ts';
import type { HttpSettings } from './http.ts';
import type { Limits } from './limits.ts';
import type { RedisSettings } from './redis.ts';
import type { SecurityLogSettings } from './security-log.ts';

/** A setting that weakens the safety of a server. It may be meant so; an auditor wants to know. */
export interface UnsafeSetting {
  readonly setting: string;
  /** What it weakens. No value: it may be a secret. */
  readonly why: string;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;
const LEAST_SECRET_BYTES = 32;
const LONG_LEEWAY_S = 60;
const LONG_CHECK_S = 300;

/** The settings that may be unsafe. */
interface JudgedSettings extends HttpSettings, RedisSettings {
  readonly token: TokenSettings;
  readonly profile: ProfileSettings | undefined;
  readonly limits: Limits;
  readonly securityLog: SecurityLogSettings;
}

/** Finds the settings that weaken the safety of a server. */
export function findUnsafeSettings(config: JudgedSettings): readonly UnsafeSetting[] {
  const { token, profile, limits, proxies, redis, securityLog } = config;
  const { key } = token;
  const isPublic = !LOOPBACK.test(config.host);
  const all: readonly (UnsafeSetting & { readonly isSet: boolean })[] = [
    {
      setting: 'ALLOW_WEAK_SECRET',
      why: 'JWT_SECRET can be guessed from any token',
      isSet: key.form === 'secret' && Buffer.byteLength(key.secret) < LEAST_SECRET_BYTES,
    },
    {
      setting: 'JWT_JWKS_URL',
      why: 'the issuer’s keys come without TLS',
      isSet: key.form === 'jwks' && isOpenHttp(key.url),
    },
    {
      setting: 'PROFILE_URL',
      why: 'tokens and profiles go without TLS',
      isSet: profile !== undefined && isOpenHttp(profile.url),
    },
    {
      setting: 'REDIS_URL',
      why: 'events and passwords go without TLS',
      isSet: redis !== undefined && !redis.tls && redis.nodes.some(({ host }) => !LOOPBACK.test(host)),
    },
    {
      setting: 'TOKEN_LEEWAY_SECONDS',
      why: 'tokens are good for long after their end',
      isSet: token.leewaySeconds > LONG_LEEWAY_S,
    },
    {
      setting: 'REVOCATION_CHECK_SECONDS',
      why: 'a revoked session may live for long if the message is lost',
      isSet: config.revocationCheckSeconds > LONG_CHECK_S,
    },
    {
      setting: 'CORS_ORIGINS',
      why: 'pages of any origin are let in',
      isSet: config.corsOrigins.includes('*'),
    },
    {
      setting: 'TRUSTED_PROXIES',
      why: 'anybody is believed who names another address',
      isSet: proxies.trusted.some(({ prefix }) => prefix === 0),
    },
    {
      setting: 'INTROSPECTION',
      why: 'strangers may read the schema',
      isSet: config.introspection && isPublic,
    },
    {
      setting: 'SECURITY_LOG_LEVEL',
      why: 'nobody can say who was shown what',
      isSet: securityLog.level !== 'all',
    },
    ...Object.entries(UNLIMITED).map(([setting, name]) => ({
      setting,
      why: 'there is no limit',
      isSet: limits[name] === 0,
    })),
  ];
  return all.filter(({ isSet }) => isSet).map(({ setting, why }) => ({ setting, why }));
}

const isOpenHttp = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && !LOOPBACK.test(hostname);

/** The settings of which 0 is no limit. */
const UNLIMITED = {
  MAX_CONNECTIONS_PER_USER: 'maxConnectionsPerUser',
  MAX_SUBSCRIPTIONS_PER_USER: 'maxSubscriptionsPerUser',
  MAX_MESSAGES_PER_SECOND: 'maxMessagesPerSecond',
  MAX_STRANGERS: 'maxStrangers',
  MAX_STRANGER_SOCKETS_PER_ADDRESS: 'maxStrangerSocketsPerAddress',
  MAX_STRANGER_REQUESTS_PER_ADDRESS: 'maxStrangerRequestsPerAddress',
  MAX_CONNECTIONS_PER_ADDRESS_AND_MINUTE: 'maxConnectionsPerMinute',
  MAX_REFUSED_TOKENS_PER_ADDRESS_AND_MINUTE: 'maxRefusedTokensPerMinute',
} as const;
