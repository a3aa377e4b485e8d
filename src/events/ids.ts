/** Which ids there may be, and how a user's id is spelt in the names of topics and keys (contract, section 2). */
import { percentEncode } from '../bus/percent-encode.ts';

const UNIT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Units' ids stand in names as they are. */
export function isUnitId(id: string): boolean {
  return UNIT_ID.test(id);
}

/** The id of an entity, as messages have it, when it is text: the same as a user's. */
export const isEntityId = (id: string): boolean => isUserId(id);

/** How long a user's id may be, in UTF-16 code units, as the event contract counts. */
const MAX_USER_ID_LENGTH = 128;
/** Control characters, and halves of characters, which UTF-8 cannot write. */
const UNFIT = /[\p{Cc}\p{Cs}]/u;

/** A user's id is the issuer's business: `17`, `auth0|17`, `name@firm.example`. */
export function isUserId(id: string): boolean {
  return id.length > 0 && id.length <= MAX_USER_ID_LENGTH && !UNFIT.test(id);
}

/**
 * A user's id as it stands in names: of its UTF-8 bytes, letters, digits and `-._~` (RFC 3986, section 2.3) as they are, all
 * others as `%` and two upper-case hexadecimal digits. So no separator, wildcard or brace of an id ever reaches Redis, and
 * different ids have different names. Python: `urllib.parse.quote(id, safe='')`.
 * @throws {RangeError} for what is no user's id.
 */
export function encodeUserId(id: string): string {
  if (!isUserId(id))
    throw new RangeError(
      `A user’s id must have 1 to ${MAX_USER_ID_LENGTH} characters, and no control characters.`,
    );
  return percentEncode(id);
}

/** The reverse; `undefined` for what {@link encodeUserId} would not have written. */
export function decodeUserId(encoded: string): string | undefined {
  try {
    const id = decodeURIComponent(encoded);
    return isUserId(id) && encodeUserId(id) === encoded ? id : undefined;
  } catch {
    return undefined; // no percent-encoded UTF-8
  }
}
