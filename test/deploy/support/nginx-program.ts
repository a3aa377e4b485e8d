import { existsSync } from 'node:fs';

/** Where Debian has it: not in everybody's PATH. */
export const NGINX = '/usr/sbin/nginx';

export const hasNginx = (): boolean => existsSync(NGINX);
