import type { Health } from '../health.ts';
import type { Bus } from './bus.ts';
import type { RedisAddress } from './redis-address.ts';
import { connectRedis } from './redis-connect.ts';
import { renew } from './redis-connection.ts';
import { watchFailovers } from './redis-failover.ts';
import { watchLink } from './redis-link.ts';
import { createRedisLog } from './redis-log.ts';
import { watchPulse } from './redis-pulse.ts';
import { reportDown } from './redis-troubles.ts';

/** The part of the Redis bus that a publisher needs: one connection, which only appends. */
export function connectToAppend(
  address: RedisAddress,
  health: Pick<Health, 'report'>,
): Pick<Bus, 'append' | 'close'> {
  const commands = connectRedis(address, 'commands');
  const link = watchLink(commands, () => undefined);
  const stopWatching = [
    reportDown([link], health),
    watchPulse(commands),
    watchFailovers(address, () => renew(commands)),
  ];
  return {
    append: createRedisLog(commands).append,
    async close() {
      for (const stop of stopWatching) stop();
      commands.disconnect();
    },
  };
}
