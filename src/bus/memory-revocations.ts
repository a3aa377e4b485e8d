import type { Bus } from './bus.ts';
import { percentEncode } from './percent-encode.ts';

interface Recorded {
  readonly at: number;
  readonly forgettable: number;
}

/** The record of revocations within this process: what contract/revoke.lua makes of a hash in Redis. */
export function createMemoryRevocations({
  publish,
  generationOf,
}: Pick<Bus, 'publish'> & {
  readonly generationOf: (record: string) => string;
}): Pick<Bus, 'revoke' | 'readFields' | 'forgetRevocations'> {
  const records = new Map<string, Map<string, Recorded>>();
  return {
    async revoke({ record, channel, action, whose, id, seconds, at }) {
      const now = Math.floor(Date.now() / 1000);
      const fields = records.get(record) ?? new Map<string, Recorded>();
      records.set(record, fields);
      const field = `${action.toLowerCase()}:${whose}:${whose === 'user' ? percentEncode(id) : id}`;
      const before = fields.get(field);
      fields.set(field, {
        at: Math.max(at ?? now, before?.at ?? 0),
        forgettable: Math.max(now + Math.ceil(seconds), before?.forgettable ?? 0),
      });
      if (channel === undefined) return;
      const subject = whose === 'user' ? { userId: id } : { jti: id };
      await publish(channel, JSON.stringify({ action, ...subject, generation: generationOf(record) }));
    },
    async readFields(key, fields) {
      return fields.map((field) => {
        const recorded = records.get(key)?.get(field);
        return recorded === undefined ? null : `${recorded.at} ${recorded.forgettable}`;
      });
    },
    async forgetRevocations(record) {
      const now = Math.floor(Date.now() / 1000);
      const fields = records.get(record) ?? new Map<string, Recorded>();
      const expired = [...fields].filter(([, { forgettable }]) => forgettable < now);
      for (const [field] of expired) fields.delete(field);
      return expired.length;
    },
  };
}
