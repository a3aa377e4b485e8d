import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { measureTime } from '../elapsed.ts';
import { LiveError } from '../errors.ts';
import type { Health, Trouble } from '../health.ts';
import { fetchJson, reasonOf } from './fetch-json.ts';

export interface IssuerKeysOptions {
  /** Where the issuer publishes its keys (RFC 7517). */
  readonly url: URL;
  /** For how long keys are used after they were last fetched, in seconds. */
  readonly maxStaleSeconds: number;
  readonly health: Pick<Health, 'report'>;
  /** A fetch has failed. */
  readonly onFailure: () => void;
}

/** The keys of an issuer, as this process knows them. */
export interface IssuerKeys {
  /**
   * Finds the key of a token, for jose. Throws jose's errors where the token names no key of the issuer's, and
   * `SERVICE_UNAVAILABLE` where the issuer cannot be asked.
   */
  readonly find: JWTVerifyGetKey;
  /** Settles when the keys were fetched for the first time, or could not be. */
  readonly tried: Promise<void>;
  close(): void;
}

/** How often the keys are fetched, in milliseconds. A key that the issuer has withdrawn is used no longer than this. */
const REFRESH_MS = 300_000;
/** The shortest time between two fetches, in milliseconds, whatever keys tokens ask for. */
const COOLDOWN_MS = 1000;
/** The longest pause after a failure, in milliseconds; the first is {@link COOLDOWN_MS}, then it doubles. */
const MAX_PAUSE_MS = 60_000;
/** How long an answer may take, in milliseconds. */
const TIMEOUT_MS = 5000;
/** The largest answer that is read, in bytes. */
const MAX_BYTES = 262_144;

/**
 * Fetches the keys in the background, so that nobody waits for them who brings a known one. While the issuer is away the known
 * ones go on being used. A token with an unknown key makes it ask again, at most once in a second, and all such tokens wait for
 * the same answer.
 */
export function fetchIssuerKeys({ url, maxStaleSeconds, health, onFailure }: IssuerKeysOptions): IssuerKeys {
  const closing = new AbortController();
  let known: { readonly find: JWTVerifyGetKey; readonly age: () => number } | undefined;
  let sinceFetch: (() => number) | undefined;
  let hasFailed = false;
  let pauseMs = COOLDOWN_MS;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const fresh = (): typeof known =>
    known !== undefined && known.age() <= maxStaleSeconds * 1000 ? known : undefined;
  const report = (fault: string | undefined): void =>
    health.report(
      'issuer-keys',
      fault === undefined ? undefined : troubleOf(url, fault, fresh() === undefined),
    );

  async function fetchOnce(): Promise<void> {
    clearTimeout(timer);
    sinceFetch = measureTime();
    try {
      const keys = await fetchKeySet(url, closing.signal);
      known = { find: createLocalJWKSet(keys), age: sinceFetch };
      hasFailed = false;
      pauseMs = COOLDOWN_MS;
      report(undefined);
    } catch (error) {
      if (closing.signal.aborted) return;
      hasFailed = true;
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      onFailure();
      report(reasonOf(error));
    }
    timer = setTimeout(() => void refresh(), hasFailed ? pauseMs : REFRESH_MS);
    timer.unref();
  }

  /** Fetches now, or joins a fetch that is under way. Never rejects. */
  function refresh(): Promise<void> {
    underWay ??= fetchOnce().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  /** Fetches as soon as it is allowed again; all who ask until then share the answer. */
  function ask(): Promise<void> {
    next ??= new Promise<void>((resolve) => {
      const waitMs = COOLDOWN_MS - (sinceFetch?.() ?? COOLDOWN_MS);
      setTimeout(resolve, Math.max(0, waitMs)).unref();
    }).then(() => {
      next = undefined;
      return refresh();
    });
    return next;
  }

  /** The key, if it is known; `undefined`: the issuer may have a new one. */
  async function lookUp(...[header, token]: Parameters<JWTVerifyGetKey>): Promise<FoundKey | undefined> {
    try {
      return await fresh()?.find(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return undefined;
      if (error instanceof errors.JWKSMultipleMatchingKeys || error instanceof errors.JOSENotSupported)
        throw error;
      report(`it publishes a key that cannot be used: ${reasonOf(error)}`);
      throw unavailable();
    }
  }

  const tried = refresh();
  return {
    tried,
    async find(header, token) {
      const key = await lookUp(header, token);
      if (key !== undefined) return key;
      if (underWay !== undefined) {
        await underWay;
        const fetched = await lookUp(header, token);
        if (fetched !== undefined) return fetched;
        if (hasFailed) throw unavailable();
      }
      await ask(); // what was under way began before this token came, and may not know its key yet
      const asked = await lookUp(header, token);
      if (asked !== undefined) return asked;
      throw hasFailed ? unavailable() : new errors.JWKSNoMatchingKey();
    },
    close() {
      clearTimeout(timer);
      closing.abort();
    },
  };
}

/** @param isBlocking whether no key is known that may still be used. */
function troubleOf({ origin, pathname }: URL, fault: string, isBlocking: boolean): Trouble {
  const where = `${origin}${pathname}`; // without the query, which may hold a secret
  const effect = isBlocking ? 'no token can be checked' : 'the known ones go on being used for now';
  const reason = `The issuer’s keys cannot be fetched from ${where} (JWT_JWKS_URL): ${fault}; ${effect}`;
  return { reason, isBlocking };
}

type FoundKey = Awaited<ReturnType<JWTVerifyGetKey>>;

async function fetchKeySet(url: URL, closing: AbortSignal): Promise<JSONWebKeySet> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)]);
  const headers = { accept: 'application/json, application/jwk-set+json' };
  return readKeySet(await fetchJson(url, { headers, signal, maxBytes: MAX_BYTES }));
}

/** Key types that verify signatures of public-key algorithms. */
const KEY_TYPES: readonly unknown[] = ['RSA', 'EC', 'OKP'];

/** An issuer without a key that could verify anything is one that is out of order: what it published before goes on being used. */
function readKeySet(answer: unknown): JSONWebKeySet {
  if (!isKeySet(answer)) throw new Error('an answer that is no JSON Web Key Set');
  const isUsable = answer.keys.some(({ kty, use }) => KEY_TYPES.includes(kty) && (use ?? 'sig') === 'sig');
  if (!isUsable) throw new Error('a set without a key that could verify a token');
  return answer;
}

function isKeySet(answer: unknown): answer is JSONWebKeySet {
  if (typeof answer !== 'object' || answer === null || !('keys' in answer)) return false;
  return Array.isArray(answer.keys) && answer.keys.every((key) => typeof key === 'object' && key !== null);
}

function unavailable(): LiveError {
  return new LiveError(
    'SERVICE_UNAVAILABLE',
    'The keys to check your token cannot be had now: try again in a moment.',
  );
}
