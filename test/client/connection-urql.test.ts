/** urql on the live connection: the generated documents work, and share operations with the hooks. */
import { expect, test } from 'vitest';
import {
  RenewSessionDocument,
  StorageUpdatedDocument,
  type StorageUpdatedSubscription,
  ViewerDocument,
} from '../../client/src/index.ts';
import { useApp } from '../support/app.ts';
import { Queue } from '../support/clients.ts';
import { until } from '../support/redis.ts';
import { publish } from '../support/resuming.ts';
import { now, people, signToken } from '../support/tokens.ts';
import { followed, useLive } from './support/live.ts';

test('queries and mutations use HTTP with the token, without a socket', async () => {
  const app = await useApp();
  const { urql, status } = useLive(app);
  const { data } = await urql.query(ViewerDocument, {}).toPromise();
  expect(data?.viewer).toMatchObject({ id: '17', unitId: '5', role: 'Section Head', isAdmin: false });
  const renewed = await urql.mutation(RenewSessionDocument, { token: await people.head() }).toPromise();
  expect(renewed.data?.renewSession.id).toBe('17');
  expect(status.phase).toBe('idle');
});

test('several queries with an expired token share one fresh token', async () => {
  const app = await useApp();
  let token = await signToken({ exp: now() - 60 });
  let fresh = 0;
  const { urql } = useLive(app, {
    async getToken({ isRefused }) {
      if (isRefused) {
        fresh += 1;
        token = await people.head();
      }
      return token;
    },
  });
  const asked = [1, 2, 3].map((n) => urql.query(`query Q${n} { viewer { id } }`, {}).toPromise());
  for (const { data } of await Promise.all(asked)) expect(data).toEqual({ viewer: { id: '17' } });
  expect(fresh).toBe(1);
});

test('if the fresh token is refused too, the refusal is the result', async () => {
  const app = await useApp();
  const { urql } = useLive(app, { getToken: () => signToken({ exp: now() - 60 }) });
  const { error } = await urql.query(ViewerDocument, {}).toPromise();
  expect(error?.response?.status).toBe(401);
});

test('a subscription shares its operation with equal followers', async () => {
  const app = await useApp();
  const client = useLive(app);
  const following = await followed(client);
  const received = new Queue<StorageUpdatedSubscription>();
  const { unsubscribe } = client.urql.subscription(StorageUpdatedDocument, {}).subscribe(({ data }) => {
    if (data !== undefined) received.push(data);
  });
  await publish(app, 'a');
  expect((await received.next()).storageUpdated.id).toBe('a');
  expect(await following.next()).toBe('event a');
  expect(app.stats().subscriptions).toBe(1);
  unsubscribe();
  await publish(app, 'b');
  expect(await following.next()).toBe('event b');
  following.stop();
  await until(() => app.stats().subscriptions === 0);
});

test('a subscription that is refused ends with the reason', async () => {
  const app = await useApp();
  const { urql } = useLive(app);
  const { error } = await new Promise<{ error?: { graphQLErrors: { extensions: object }[] } }>((resolve) => {
    urql.subscription(StorageUpdatedDocument, { unitId: '7' }).subscribe(resolve);
  });
  expect(error?.graphQLErrors[0]?.extensions).toEqual({ code: 'FORBIDDEN' });
});
