/** What the demo app reads in its tokens. */
import { expect, test } from 'vitest';
import { personIn } from '../../demo/app/src/session/tokens.ts';

const tokenOf = (claims: object): string =>
  `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

const CLAIMS = { user_id: '101', unit_id: 1, role: 'QC', name: 'Grace Lin' };
const first = tokenOf({ ...CLAIMS, jti: 'a', iat: 1, exp: 2 });

test('another role or unit is another person to a page, and another name or token is not', () => {
  for (const changed of [{ role: 'Store Head' }, { unit_id: 2 }])
    expect(personIn(tokenOf({ ...CLAIMS, ...changed }))).not.toBe(personIn(first));
  for (const same of [{ name: 'Grace Lin-Osei' }, { jti: 'b', iat: 3, exp: 4 }])
    expect(personIn(tokenOf({ ...CLAIMS, ...same }))).toBe(personIn(first));
});
