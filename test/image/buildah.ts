import { join } from 'node:path';
import { z } from 'zod';
import { run } from './bases.ts';

/** What the image says about how to run it. */
const inspected = z.object({
  Docker: z.object({
    config: z.object({
      User: z.string(),
      Env: z.array(z.string()),
      WorkingDir: z.string(),
      Entrypoint: z.array(z.string()),
      Cmd: z.array(z.string()),
      StopSignal: z.string(),
      Labels: z.record(z.string(), z.string()),
      Healthcheck: z.object({ Test: z.array(z.string()) }),
    }),
  }),
});
export type ImageConfig = z.infer<typeof inspected>['Docker']['config'];

/** Debian's buildah, with everything that it keeps below one folder. It needs neither a daemon nor namespaces of users. */
export function createBuildah(folder: string) {
  const where = [
    '--root',
    join(folder, 'storage'),
    '--runroot',
    join(folder, 'run'),
    '--storage-driver',
    'vfs',
  ];
  const buildah = (...args: readonly string[]): string => run('buildah', ...where, ...args).trim();
  return {
    /** Makes an image of a folder. */
    imageOf(contents: string, name: string): void {
      const container = buildah('from', 'scratch');
      buildah('copy', '--quiet', container, contents, '/');
      buildah('commit', '--quiet', container, name);
      buildah('rm', container);
    },
    /** OCI images have no health check, Docker's have. */
    build(context: string, name: string, args: Readonly<Record<string, string>>): void {
      const given = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
      buildah('bud', '--quiet', '--isolation', 'chroot', '--format', 'docker', '-t', name, ...given, context);
    },
    config: (name: string): ImageConfig =>
      inspected.parse(JSON.parse(buildah('inspect', '--type', 'image', name))).Docker.config,
    /** The folder with the files of an image. */
    mount: (name: string): string => buildah('mount', buildah('from', name)),
    /** Frees what it holds, so that the folder can be removed. */
    clean: () => buildah('rm', '--all'),
  };
}
