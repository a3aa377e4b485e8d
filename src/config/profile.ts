import type { ProfileSettings } from '../auth/profile.ts';
import type { Reader } from './reader.ts';

/** A name, or names with dots between them. */
const PATH = /^[^.\s]+(\.[^.\s]+)*$/;

/** Where to read profiles; `undefined`: the tokens say all there is to know. */
export function readProfileSettings(read: Reader): ProfileSettings | undefined {
  const path = (name: string, standard: string): string =>
    read.matching(name, standard, PATH, 'a name, or names with dots between them, such as unit.id');
  const settings = {
    fields: {
      user: path('PROFILE_USER', 'id'),
      unit: path('PROFILE_UNIT', 'unit_id'),
      role: path('PROFILE_ROLE', 'role'),
      name: path('PROFILE_NAME', 'name'),
    },
    timeoutMs: read.integer('PROFILE_TIMEOUT_MS', 5000, 1, 60_000),
    maxKept: read.integer('MAX_PROFILES', 10_000, 1, 1_000_000),
  };
  const written = read.text('PROFILE_URL');
  if (written === undefined) return undefined;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    read.fault(
      'PROFILE_URL must be an http(s) URL without user and password: who asks is shown by the token.',
    );
    return undefined;
  }
  return { url, ...settings };
}
