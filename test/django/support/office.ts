/** The Django DMS with its events, and the demo app before it: here roles and units change as they do at work. */
import { APP_FOLDER, createAppFiles } from '../../../demo/server/src/app-files.ts';
import { createProxy } from '../../../demo/server/src/django/proxy.ts';
import { useApp } from '../../support/app.ts';
import type { Addressed } from '../../support/clients.ts';
import { useRedis } from '../../support/redis.ts';
import { useDms } from './dms.ts';

export interface DjangoOffice {
  readonly app: Addressed;
  /** `--role QC`, `--unit 2` */
  changeUser(username: string, ...changes: readonly string[]): Promise<void>;
}

export async function useDjangoOffice(): Promise<DjangoOffice> {
  const redis = await useRedis();
  const dms = await useDms(redis.url);
  await dms.serve();
  const [proxy, appFiles] = [createProxy(dms.url), await createAppFiles(APP_FOLDER)];
  const app = await useApp(
    { REDIS_URL: redis.url, PRESENCE: 'true' },
    {
      otherwise: (request, response) =>
        request.url?.startsWith('/api/') ? proxy(request, response) : appFiles(request, response),
    },
  );
  return {
    app,
    async changeUser(username, ...changes) {
      await dms.manage('change_user', username, ...changes);
    },
  };
}
