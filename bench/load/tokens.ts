import { createHmac, randomUUID } from 'node:crypto';

/** An access token as Simple JWT issues it. */
export function signToken(secret: string, userId: number, unitId: number): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    token_type: 'access',
    exp: now + 3600,
    iat: now,
    jti: randomUUID().replaceAll('-', ''),
    sub: `${userId}`, // for Centrifugo
    user_id: userId,
    unit_id: unitId,
    role: 'Section Head',
    name: 'Ada Lovelace',
  };
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
