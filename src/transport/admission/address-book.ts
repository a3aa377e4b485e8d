import type { ClientAddress } from '../client-address.ts';
import { Places } from './places.ts';
import { perMinute, type TokenBucket } from './token-bucket.ts';

/** What strangers of one address may hold and do. 0: no limit. */
export interface AddressLimits {
  /** Sockets that are not signed in. */
  readonly maxStrangerSocketsPerAddress: number;
  /** HTTP requests in flight without a session. */
  readonly maxStrangerRequestsPerAddress: number;
  /** New connections in a minute. A request without a session counts as one. */
  readonly maxConnectionsPerMinute: number;
  /** Tokens that are refused in a minute; one that has merely expired does not count. */
  readonly maxRefusedTokensPerMinute: number;
}

/** How many connections over a limit may wait for their answer; more are cut off without one. */
const MAX_REFUSED_SOCKETS = 50;

/** What is remembered of one address. */
export class AddressRecord {
  readonly sockets: Places;
  readonly requests: Places;
  readonly refusedSockets: Places;
  readonly connections: TokenBucket;
  readonly refusedTokens: TokenBucket;
  usedAt = performance.now();

  constructor(limits: AddressLimits) {
    this.sockets = new Places('sockets', limits.maxStrangerSocketsPerAddress);
    this.requests = new Places('requests', limits.maxStrangerRequestsPerAddress);
    this.refusedSockets = new Places('sockets', MAX_REFUSED_SOCKETS);
    this.connections = perMinute(limits.maxConnectionsPerMinute);
    this.refusedTokens = perMinute(limits.maxRefusedTokensPerMinute);
  }

  get isHeld(): boolean {
    return this.sockets.taken + this.requests.taken + this.refusedSockets.taken > 0;
  }
}

const UNLIMITED: AddressLimits = {
  maxStrangerSocketsPerAddress: 0,
  maxStrangerRequestsPerAddress: 0,
  maxConnectionsPerMinute: 0,
  maxRefusedTokensPerMinute: 0,
};

/** After this time, in milliseconds, every bucket is full again, so there is nothing to remember. */
const FORGET_MS = 60_000;

/**
 * How many addresses that hold nothing are remembered. The address that was used longest ago is forgotten first. An attacker with
 * more addresses than this is bounded by what all strangers may hold together.
 */
const MAX_IDLE = 10_000;

/** How many old records each arrival looks at, and may forget. */
const LOOKS = 4;

export interface AddressBook {
  of(client: ClientAddress): AddressRecord;
  readonly size: number;
}

/** Remembers addresses for a minute, in bounded memory. */
export function createAddressBook(limits: AddressLimits, maxIdle = MAX_IDLE): AddressBook {
  const records = new Map<string, AddressRecord>();
  const unlimited = new AddressRecord(UNLIMITED);

  /** Looks at the few records that were used longest ago. That is enough, since each arrival adds only one. */
  function tidy(): void {
    const now = performance.now();
    let looks = LOOKS;
    for (const [key, record] of records) {
      if (looks === 0) return;
      looks -= 1;
      if (record.isHeld) use(key, record, now);
      else if (records.size > maxIdle || now - record.usedAt > FORGET_MS) records.delete(key);
      else return;
    }
  }

  function use(key: string, record: AddressRecord, now: number): void {
    record.usedAt = now;
    records.delete(key);
    records.set(key, record);
  }

  return {
    of({ key }) {
      if (key === undefined) return unlimited;
      const record = records.get(key) ?? new AddressRecord(limits);
      use(key, record, performance.now());
      tidy();
      return record;
    },
    get size() {
      return records.size;
    },
  };
}
