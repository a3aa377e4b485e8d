import { LiveError, SessionError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { readText, readUnitId, readUserId } from './claims.ts';
import { limitConcurrency } from './concurrency-limit.ts';
import { fetchJson, reasonOf, StatusError } from './fetch-json.ts';
import { RefusedToken } from './refused-token.ts';
import type { Viewer } from './viewer.ts';

export interface ProfileSettings {
  /** Answers a GET that carries a token with its bearer's profile, in JSON. */
  readonly url: URL;
  /** Where in the answer each is: a name, or names with dots between them, for what is nested. */
  readonly fields: {
    readonly user: string;
    readonly unit: string;
    readonly role: string;
    readonly name: string;
  };
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How many profiles are remembered. */
  readonly maxKept: number;
}

export interface ProfileReader {
  /**
   * Asks for the profile of a verified token's bearer. Throws {@link SessionError} `invalid` where the endpoint refuses the
   * token (401, 403), and `SERVICE_UNAVAILABLE` for whatever else goes wrong; the token is in no message.
   */
  read(token: string, userId: string): Promise<Viewer>;
  /** Aborts the requests that are under way. */
  close(): void;
}

/** The largest profile that is read, in bytes. */
const MAX_PROFILE_BYTES = 65_536;
/** Marks the request as one that no user has asked for: time-outs for idle users leave it out. */
const BACKGROUND = { 'dms-live-background': '1' };
/** How many are asked for at a time, so that clients that come back together do not all call the DMS at once. */
const MAX_ASKED_AT_ONCE = 32;

export function createProfileReader({ url, fields, timeoutMs }: ProfileSettings, log: Logger): ProfileReader {
  const inTurn = limitConcurrency(MAX_ASKED_AT_ONCE);
  const underWay = new Set<AbortController>();
  /** Why the last profile could not be read, if it could not. */
  let trouble: string | undefined;

  async function ask(token: string, userId: string): Promise<Viewer> {
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    underWay.add(controller);
    try {
      const { signal } = controller;
      return readViewer(await inTurn(() => fetchProfile(url, token, signal), signal), fields, userId);
    } finally {
      underWay.delete(controller);
      clearTimeout(timer);
    }
  }

  /** Logs once when profiles cannot be read, and once when they can again; not for each profile. */
  function report(reason: string | undefined): void {
    if (reason === trouble) return;
    trouble = reason;
    if (reason === undefined) log.info('profiles can be read again');
    else log.warn({ reason }, 'cannot read a profile from PROFILE_URL');
  }

  return {
    async read(token, userId) {
      try {
        const viewer = await ask(token, userId);
        report(undefined);
        return viewer;
      } catch (error) {
        if (error instanceof SessionError) throw error;
        report(reasonOf(error));
        throw new LiveError('SERVICE_UNAVAILABLE', 'Your profile cannot be read now: try again in a moment.');
      }
    },
    close() {
      for (const controller of underWay) controller.abort(new Error('the server stops'));
    },
  };
}

async function fetchProfile(url: URL, token: string, signal: AbortSignal): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', ...BACKGROUND };
  try {
    return await fetchJson(url, { headers, signal, maxBytes: MAX_PROFILE_BYTES });
  } catch (error) {
    if (error instanceof StatusError && (error.status === 401 || error.status === 403))
      throw new RefusedToken('profile', error.message);
    throw error;
  }
}

function readViewer(profile: unknown, fields: ProfileSettings['fields'], userId: string): Viewer {
  if (typeof profile !== 'object' || profile === null || Array.isArray(profile))
    throw new Error('an answer that is no JSON object');
  const said = readUserId(valueAt(profile, fields.user));
  if (said !== null && said !== userId)
    throw new Error(`another user’s profile: ${fields.user} is not the token’s user`);
  const unitId = readUnitId(valueAt(profile, fields.unit));
  if (unitId === undefined) throw new Error(`${fields.unit} can be no unit id`);
  return {
    id: userId,
    name: readText(valueAt(profile, fields.name)),
    unitId,
    role: readText(valueAt(profile, fields.role)),
  };
}

/** What stands at `unit.id`, say; `undefined` where there is no such thing. */
function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.entries(found).find(([key]) => key === name)?.[1];
  }
  return found;
}
