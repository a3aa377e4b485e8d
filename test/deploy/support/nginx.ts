import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { startChild } from '../../../demo/server/src/django/child.ts';
import { freePort } from '../../support/redis.ts';
import { NGINX } from './nginx-program.ts';

/** The files that operators put into /etc/nginx. */
const SOURCE = fileURLToPath(new URL('../../../deploy/nginx/', import.meta.url));
export interface Nginx {
  readonly url: string;
  /** The authority that signed its certificate. */
  readonly ca: string;
  /** The log of its answers: one line for each request that is over. */
  accesses(): Promise<readonly string[]>;
}

export interface Upstreams {
  /** The two processes of dms-live, as `host:port`. */
  readonly servers: readonly [string, string];
  /** Django, as `host:port`. */
  readonly dms: string;
}

/** Runs nginx with the files of deploy/nginx. Only addresses and paths are replaced, so that it listens on a port of the loopback. */
export async function useNginx({ servers, dms }: Upstreams): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-nginx-'));
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [port, plainPort] = [await freePort(), await freePort()];
  await copy('nginx.conf', folder, [
    ['/run/nginx.pid', `${folder}/pid`],
    ['/var/log/nginx/error.log warn', 'stderr notice'],
    ['/var/log/nginx/access.log', `${folder}/access.log`],
    ['/etc/nginx/conf.d/*.conf', `${folder}/dms*.conf`],
  ]);
  await copy('dms.conf', folder, [
    ['listen 80;', `listen 127.0.0.1:${plainPort};`],
    ['listen [::]:80;', ''],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['listen [::]:443 ssl http2;', ''],
    ['/etc/ssl/dms/', `${folder}/`],
  ]);
  await copy('dms-upstreams.conf', folder, [
    ['127.0.0.1:4001', servers[0]],
    ['127.0.0.1:4002', servers[1]],
    ['127.0.0.1:8000', dms],
  ]);
  certify(folder);
  const nginx = await startChild({
    program: NGINX,
    args: ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'],
    ready: /start worker process /,
  });
  onTestFinished(nginx.stop);
  return {
    url: `https://127.0.0.1:${port}`,
    ca: await readFile(join(folder, 'fullchain.pem'), 'utf8'),
    accesses: async () => (await readFile(join(folder, 'access.log'), 'utf8')).split('\n').slice(0, -1),
  };
}

/** Each text must be there: otherwise the test would run another configuration than it says. */
async function copy(name: string, folder: string, replacements: readonly (readonly [string, string])[]) {
  let text = await readFile(join(SOURCE, name), 'utf8');
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`deploy/nginx/${name} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  await writeFile(join(folder, name), text);
}

/** Makes a certificate that signs itself. */
function certify(folder: string): void {
  const subject = ['-subj', '/CN=dms.example.org', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', `${folder}/privkey.pem`, '-out', `${folder}/fullchain.pem`];
  execFileSync('openssl', ['req', '-x509', '-days', '1', ...key, ...subject, ...files], { stdio: 'ignore' });
}
