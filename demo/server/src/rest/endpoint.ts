import type { Identity } from 'dms-live';
import type { z } from 'zod';
import type { Desk } from '../desk.ts';
import type { Records } from '../records.ts';
import type { Person } from '../users.ts';
import { checkDuty, type Duty } from './access.ts';
import { createOnce } from './once.ts';
import { badRequest } from './rest-error.ts';
import { createRows, type Rows } from './rows.ts';

/** How many rows an answer lists, unless `?limit=` says otherwise, and how many at most. */
export const LISTED = 200;
const MOST_LISTED = 1000;

export interface Reply {
  readonly status: number;
  /** Written as JSON; `undefined`: none. */
  readonly body?: unknown;
  /** Written piece by piece instead of a body, as fast as the client reads; `headers` say what it is. */
  readonly stream?: Iterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const created = (body: unknown): Reply => ({ status: 201, body });
/**
 * The first rows, and how many there are in all.
 * @param office its version says up to which event the page knows everything, so that an older one does not overwrite it.
 */
export function page(
  rows: readonly unknown[],
  { version }: Pick<Office, 'version'>,
  query: URLSearchParams = new URLSearchParams(),
): Reply {
  const results = rows.slice(0, readLimit(query.get('limit')));
  return ok({ count: rows.length, results, live_version: version });
}

/** As Django REST framework's `LimitOffsetPagination` reads it: what is no number from 1 on is as if it were not there. */
function readLimit(asked: string | null): number {
  const limit = /^\d+$/.test(asked ?? '') ? Number(asked) : 0;
  return limit > 0 ? Math.min(limit, MOST_LISTED) : LISTED;
}

export const NO_CONTENT: Reply = { status: 204 };

/** The DMS, to the handlers of requests. */
export interface Office {
  readonly records: Records;
  /** Unix milliseconds. */
  now(): number;
  /** The version of the last event. */
  readonly version: number;
  /** Does something, and publishes what it made happen. */
  act<Result>(work: (desk: Desk) => Result): Promise<Result>;
}

/** A request that is to be answered, as it came. */
export interface Asked {
  /** What stands at the places of a path that begin with a colon. */
  readonly places: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The header `Idempotency-Key`. */
  readonly idempotencyKey: string | undefined;
  /** Reads the body; `undefined` where it is empty. */
  readBody(): Promise<unknown>;
  /** Who asks. Rejects with {@link SessionError} where nobody is signed in. */
  readonly identify: () => Promise<SignedIn>;
}

export interface SignedIn {
  readonly person: Person;
  readonly identity: Identity;
}

/** What a handler of a signed-in user's request knows. */
export interface Call<Body = undefined> extends SignedIn {
  /** The id in the path. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: Body;
  /** The records as this person sees them. */
  readonly rows: Rows;
}

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Without the slash at its end; `:name` stands for anything. */
  readonly path: string;
  answer(asked: Asked): Promise<Reply>;
}

type Handler<Body> = (call: Call<Body>) => Reply | Promise<Reply>;

/** How endpoints are written: `get(path, duty, handler)`, and with a schema for the body where there is one. */
export function createEndpoints({ records, now }: Office) {
  const once = createOnce(now);

  async function enter(asked: Asked, duty: Duty): Promise<Call> {
    const signedIn = await asked.identify();
    checkDuty(signedIn.person, duty);
    return {
      ...signedIn,
      id: asked.places['id'] ?? '',
      query: asked.query,
      body: undefined,
      rows: createRows(records, signedIn.person),
    };
  }

  const bodyless =
    (method: Endpoint['method']) =>
    (path: string, duty: Duty, handle: Handler<undefined>): Endpoint => ({
      method,
      path,
      answer: async (asked) => handle(await enter(asked, duty)),
    });

  const withBody =
    (method: Endpoint['method']) =>
    <Body>(path: string, duty: Duty, schema: z.ZodType<Body>, handle: Handler<Body>): Endpoint => ({
      method,
      path,
      async answer(asked) {
        const call = await enter(asked, duty);
        return handle({ ...call, body: parse(schema, await asked.readBody()) });
      },
    });

  /** For what creates something: it may be sent again. */
  const create = <Body>(
    path: string,
    duty: Duty,
    schema: z.ZodType<Body>,
    handle: Handler<Body>,
  ): Endpoint => ({
    method: 'POST',
    path,
    async answer(asked) {
      const call = await enter(asked, duty);
      const body = await asked.readBody();
      const sent = { person: call.person, header: asked.idempotencyKey, path, body };
      return once(sent, async () => handle({ ...call, body: parse(schema, body) }));
    },
  });

  return {
    get: bodyless('GET'),
    remove: bodyless('DELETE'),
    post: withBody('POST'),
    put: withBody('PUT'),
    create,
  };
}

/** An endpoint that needs no sign-in. */
export function openTo<Body>(
  method: 'GET' | 'POST',
  path: string,
  schema: z.ZodType<Body>,
  handle: (body: Body) => Reply | Promise<Reply>,
): Endpoint {
  return { method, path, answer: async (asked) => handle(parse(schema, await asked.readBody())) };
}

/**
 * Nothing is an object without fields.
 * @throws {RestError} 400 that names the field.
 */
export function parse<Body>(schema: z.ZodType<Body>, written: unknown): Body {
  const { data, error } = schema.safeParse(written === undefined ? {} : written);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const field = issue?.path.join('.') ?? '';
  throw badRequest([...(field === '' ? [] : [field]), issue?.message ?? 'not valid'].join(': '));
}
