import type { z } from 'zod';
import type { Desk } from '../desk.ts';
import { isOverdue } from '../kpis.ts';
import type { CrateRecord, RequestRecord } from '../records.ts';
import * as work from '../request-work.ts';
import { canSee, find, findNamed, readUnit } from './access.ts';
import type { allocation, BodyOf, correction, issuing, newRequest, rejection, sendingBack } from './body.ts';
import { createConflicts } from './conflict.ts';
import { type Call, created, type Office, ok, page, parse, type Reply } from './endpoint.ts';
import { type Orderings, sortBy } from './ordering.ts';
import { badRequest, notFound } from './rest-error.ts';
import { inWords, type Rows } from './rows.ts';

type RequestType = RequestRecord['requestType'];
type Wanted = BodyOf<typeof newRequest> & { readonly expected_return_date?: string | undefined };
type Corrected = BodyOf<typeof correction> & { readonly expected_return_date?: string | undefined };

/** How many requests of a unit may be under way, by visitors and simulated colleagues together. */
const MOST_OPEN = 200;

const STATUSES = ['Pending', 'Sent Back', 'Approved', 'Issued', 'Returned', 'Rejected', 'Completed'];
const TYPES = ['Storage', 'Withdrawal', 'Destruction'];

const ORDERINGS: Orderings<ReturnType<Rows['request']>> = {
  id: ({ id }) => Number(id),
  request_type: ({ request_type }) => request_type,
  status: ({ status }) => status,
  unit_id: ({ unit_id }) => Number(unit_id),
  crate: ({ crate }) => crate && Number(crate.id),
  created_by: ({ created_by }) => created_by.name ?? null,
  approved_by: ({ approved_by }) => approved_by?.name ?? null,
  created_at: ({ created_at }) => created_at ?? null,
  expected_return_date: ({ expected_return_date }) => expected_return_date ?? null,
};

/** `/api/requests/…` */
export function createRequestHandlers(office: Office) {
  const { records, now, act } = office;
  const conflicts = createConflicts(records);

  /** A step in a request's life: only from a state where it makes sense. */
  function step<Body>(
    done: keyof typeof work.canBe,
    perform: (desk: Desk, call: Call<Body>, request: RequestRecord) => RequestRecord,
    type?: RequestType,
  ): (call: Call<Body>) => Promise<Reply> {
    return async (call) => {
      const request = find(call.person, records.requests, call.id);
      if (type !== undefined && request.requestType !== type) throw notFound();
      if (!work.canBe[done](request))
        throw conflicts.explain(call.person, whyNot(request, done), 'request', request);
      const after = await act((desk) => perform(desk, call, request));
      return ok(call.rows.request(after));
    };
  }

  return {
    list(call: Call): Reply {
      const { query, rows } = call;
      const all = matching(records, call);
      const status = oneOf(STATUSES, 'status', query.get('status'));
      const isOverdueOnly = query.get('overdue') === 'true';
      const found = all
        .filter((row) => status === undefined || inWords(row.status) === status)
        .filter((row) => !isOverdueOnly || isOverdue(row, now()))
        .map(rows.request);
      return page(sortBy(found, ORDERINGS, query.get('ordering')), office, query);
    },

    /** How many of those that the same filters list are in each status, and how many are overdue. */
    counts(call: Call): Reply {
      const found = matching(records, call);
      return ok({
        by_status: STATUSES.map((status) => ({
          status,
          count: found.filter((row) => inWords(row.status) === status).length,
        })),
        overdue: found.filter((row) => isOverdue(row, now())).length,
        live_version: office.version,
      });
    },

    /** Why it was sent back, the newest first. */
    sendBacks({ person, id, rows }: Call): Reply {
      const request = find(person, records.requests, id);
      return page(records.sendBacksOf(request.id).map(rows.sendBack), office);
    },

    show: ({ person, id, rows }: Call): Reply => ok(rows.request(find(person, records.requests, id))),

    create: (requestType: RequestType) => async (call: Call<Wanted>) => {
      const crate = crateFor(office, call.person, { type: requestType, crate: call.body.crate });
      if (records.openRequests(crate.unitId).length >= MOST_OPEN) {
        throw badRequest(`At most ${MOST_OPEN} requests of a unit can be under way: finish some first.`);
      }
      const due = call.body.expected_return_date;
      const wish = { requestType, crate, ...(due !== undefined && { expectedReturnDate: due }) };
      return created(call.rows.request(await act((desk) => work.makeRequest(desk, call.person, wish))));
    },

    correct: (type: RequestType, schema: z.ZodType<Corrected>) =>
      step<unknown>(
        'corrected',
        (desk, call, request) => {
          const { crate = request.crateId, expected_return_date: due } = parse(schema, call.body);
          return work.correct(desk, call.person, request, {
            crateId: crateFor(office, call.person, { type, crate, except: request.id }).id,
            ...(due !== undefined && { expectedReturnDate: due }),
          });
        },
        type,
      ),

    approve: step<unknown>('approved', (desk, { person }, request) => work.approve(desk, person, request)),
    reject: step<BodyOf<typeof rejection>>('rejected', (desk, { person, body }, request) =>
      work.reject(desk, person, request, body.reason),
    ),
    sendBack: step<BodyOf<typeof sendingBack>>('sentBack', (desk, { person, body }, request) =>
      work.sendBack(desk, person, request, { reason: body.reason, sendbackType: body.sendback_type }),
    ),
    allocateStorage: step<BodyOf<typeof allocation>>('allocated', (desk, { person, body }, request) => {
      const place = findNamed(person, records.locations, 'storage', body.storage);
      if (place.unitId !== request.unitId) throw badRequest('storage: it must be of the request’s unit.');
      conflicts.checkIsFree(person, place.id, request.crateId);
      return work.allocateStorage(desk, person, request, place.id);
    }),
    issue: step<BodyOf<typeof issuing>>('issued', (desk, { person, body }, request) => {
      const due = body.expected_return_date ?? request.expectedReturnDate ?? inTwoWeeks(now());
      return work.issue(desk, person, request, due);
    }),
    takeBack: step<unknown>('returned', (desk, { person }, request) => work.takeBack(desk, person, request)),
  };
}

/** The requests of a unit and type that have the words of a search; of any status. */
function matching(records: Office['records'], { person, query, rows }: Call): RequestRecord[] {
  const unit = readUnit(person, query.get('unit'));
  const type = oneOf(TYPES, 'type', query.get('type'));
  const search = query.get('search')?.trim().toLowerCase() ?? '';
  return [...records.requests.values()]
    .filter((row) => canSee(person, row) && (unit === null || row.unitId === unit))
    .filter((row) => type === undefined || inWords(row.requestType) === type)
    .filter((row) => search === '' || isAbout(search, rows.request(row)));
}

interface WantedCrate {
  readonly type: RequestType;
  readonly crate: string;
  /** The request that is about it already. */
  readonly except?: string;
}

/** A crate that a request of this type can be about. */
function crateFor({ records }: Office, person: Call['person'], { type, crate: id, except }: WantedCrate) {
  const { explain } = createConflicts(records);
  const crate = findNamed(person, records.crates, 'crate', id);
  const open = records.openRequestFor(id);
  if (open !== undefined && open.id !== except) {
    throw explain(person, `crate: there is a request about ${id} already.`, 'request', open);
  }
  const why = whyUnfit(crate, type);
  if (why !== undefined) throw explain(person, `crate: ${why}.`, 'crate', crate);
  return crate;
}

function whyUnfit({ id, status, storageId }: CrateRecord, type: RequestType): string | undefined {
  if (type === 'STORAGE' && storageId !== null) return `${id} is stored already`;
  if (type === 'WITHDRAWAL' && (status !== 'ACTIVE' || storageId === null))
    return 'only an active crate that is stored can be withdrawn';
  const isHere = status !== 'DESTROYED' && status !== 'WITHDRAWN';
  return isHere ? undefined : `${id} is ${inWords(status).toLowerCase()}`;
}

const DONE: Readonly<Record<keyof typeof work.canBe, string>> = {
  approved: 'Only a pending request can be approved',
  rejected: 'Only a pending request can be rejected',
  sentBack: 'Only a pending request can be sent back',
  corrected: 'Only a request that was sent back can be corrected',
  allocated: 'Only an approved storage request without a place can be given one',
  issued: 'Only an approved withdrawal can be issued',
  returned: 'Only an issued withdrawal can be returned',
  completed: 'This request cannot be completed yet',
};

function whyNot({ requestType, status }: RequestRecord, done: keyof typeof DONE): string {
  return `${DONE[done]}; this one is: ${inWords(requestType)}, ${inWords(status)}.`;
}

function oneOf(words: readonly string[], name: string, asked: string | null): string | undefined {
  if (asked === null || asked === '' || asked === 'all') return undefined;
  if (!words.includes(asked)) throw badRequest(`${name}: one of ${words.join(', ')}.`);
  return asked;
}

interface Searched {
  readonly id: string;
  readonly created_by: { readonly name: string | null };
  readonly crate: null | {
    readonly id: string;
    readonly documents: readonly {
      readonly document_name: string | null;
      readonly document_number: string | null;
    }[];
  };
}

/** Whether the words stand in the numbers of a request and its crate, the creator's name, or the crate's documents. */
function isAbout(words: string, row: Searched): boolean {
  const documents = row.crate?.documents.flatMap((one) => [one.document_name, one.document_number]) ?? [];
  return [row.id, row.crate?.id, row.created_by.name, ...documents].some(
    (text) => typeof text === 'string' && text.toLowerCase().includes(words),
  );
}

function inTwoWeeks(now: number): string {
  return new Date(now + 14 * 86_400_000).toISOString();
}
