import type { Pace } from '../pace.ts';
import { PEOPLE, type Person, usernameOf } from '../users.ts';
import { createAuditHandlers } from './audit.ts';
import * as body from './body.ts';
import { createCrateHandlers } from './crates.ts';
import { createEndpoints, type Endpoint, type Office, ok, openTo } from './endpoint.ts';
import { createFigureHandlers } from './figures.ts';
import { createReportHandlers } from './reports.ts';
import { createRequestHandlers } from './requests.ts';
import type { SignIn } from './sign-in.ts';
import { createStorageHandlers } from './storage.ts';

export interface EndpointOptions {
  readonly office: Office;
  readonly signIn: SignIn;
  /** How busy the simulated colleagues are. */
  readonly pace: { get(): Pace; set(pace: Pace): void };
  /** Somebody has come to use the app. */
  onSignIn(): void;
}

/** The REST API of the DMS. Who may do what stands in each line; what a row is, and who sees it, in `rows.ts` and `access.ts`. */
export function listEndpoints({ office, signIn, pace, onSignIn }: EndpointOptions): readonly Endpoint[] {
  const { get, post, put, remove, create } = createEndpoints(office);
  const requests = createRequestHandlers(office);
  const crates = createCrateHandlers(office);
  const storage = createStorageHandlers(office);
  const audit = createAuditHandlers(office);
  const reports = createReportHandlers(office);
  const figures = createFigureHandlers(office);

  return [
    openTo('POST', '/api/token', body.credentials, async (credentials) => {
      const tokens = await signIn.enter(credentials);
      onSignIn();
      return ok(tokens);
    }),
    openTo('POST', '/api/token/refresh', body.refreshToken, async ({ refresh }) =>
      ok(await signIn.refresh(refresh)),
    ),
    post('/api/logout', 'anybody', body.refreshToken, async ({ identity, body: { refresh } }) => {
      await signIn.leave(identity, refresh);
      return { status: 205 };
    }),
    get('/api/me', 'anybody', ({ person }) => ok({ id: person.id, ...introduce(person) })),
    openTo('GET', '/api/demo-users', body.nothing, () => ok(PEOPLE.map(introduce))),

    get('/api/requests', 'anybody', requests.list),
    get('/api/requests/counts', 'anybody', requests.counts),
    get('/api/requests/:id', 'anybody', requests.show),
    get('/api/requests/:id/send-backs', 'anybody', requests.sendBacks),
    create('/api/requests/storage', 'section', body.newRequest, requests.create('STORAGE')),
    create('/api/requests/withdrawal', 'section', body.newWithdrawal, requests.create('WITHDRAWAL')),
    create('/api/requests/destruction', 'section', body.newRequest, requests.create('DESTRUCTION')),
    put('/api/requests/storage/:id', 'section', body.unread, requests.correct('STORAGE', body.correction)),
    put(
      '/api/requests/withdrawal/:id',
      'section',
      body.unread,
      requests.correct('WITHDRAWAL', body.withdrawalCorrection),
    ),
    put(
      '/api/requests/destruction/:id',
      'section',
      body.unread,
      requests.correct('DESTRUCTION', body.correction),
    ),
    post('/api/requests/:id/approve', 'store', body.signed, requests.approve),
    post('/api/requests/:id/reject', 'store', body.rejection, requests.reject),
    post('/api/requests/:id/send-back', 'quality', body.sendingBack, requests.sendBack),
    post('/api/requests/:id/allocate-storage', 'store', body.allocation, requests.allocateStorage),
    post('/api/requests/:id/issue', 'store', body.issuing, requests.issue),
    post('/api/requests/:id/return', 'store', body.signed, requests.takeBack),

    get('/api/crates', 'anybody', crates.list),
    get('/api/crates/:id', 'anybody', crates.show),
    create('/api/crates', 'section', body.newCrate, crates.create),
    put('/api/crates/:id', 'crates', body.crateChanges, crates.update),
    remove('/api/crates/:id', 'store', crates.remove),
    post('/api/crates/:id/relocate', 'store', body.relocation, crates.relocate),

    get('/api/storage', 'anybody', storage.list),
    create('/api/storage', 'store', body.newLocation, storage.create),
    create('/api/storage/bulk-create', 'store', body.manyLocations, storage.createMany),
    put('/api/storage/:id', 'store', body.locationChanges, storage.update),
    remove('/api/storage/:id', 'store', storage.remove),

    get('/api/audit', 'admin', audit.list),
    get('/api/audit/choices', 'admin', audit.choices),
    post('/api/audit/export', 'admin', body.auditFilters.prefault({}), audit.export),
    get('/api/audit/:id', 'admin', audit.show),
    get('/api/dashboard/kpis', 'anybody', reports.kpis),
    get('/api/dashboard/trends', 'anybody', figures.trends),
    get('/api/dashboard/ages', 'anybody', figures.ages),
    get('/api/units', 'anybody', reports.units),

    get('/api/demo/pace', 'anybody', () => ok({ pace: pace.get() })),
    post('/api/demo/pace', 'anybody', body.pace, (call) => {
      pace.set(call.body.pace);
      return ok({ pace: pace.get() });
    }),
  ];
}

function introduce(person: Person) {
  return { username: usernameOf(person), name: person.name, role: person.role, unit_id: person.unitId };
}
