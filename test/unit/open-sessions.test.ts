/** A session that is begun while messages about its user arrive. */
import { expect, onTestFinished, test } from 'vitest';
import { keepSessions } from '../../src/auth/open-sessions.ts';
import type { SessionFault } from '../../src/errors.ts';
import { NO_SECURITY_LOG } from '../../src/record/security-log.ts';

const IDENTITY = {
  viewer: { id: '17', name: null, unitId: '5', role: 'Section Head' },
  tokenId: 'a',
  issuedAt: 1,
  expiresAt: Date.now() / 1000 + 3600,
};

test.each<[found: SessionFault | undefined, received: SessionFault, fault: SessionFault]>([
  ['revoked', 'changed', 'revoked'],
  ['changed', 'revoked', 'revoked'],
  [undefined, 'changed', 'changed'],
  [undefined, 'revoked', 'revoked'],
])(
  'the record has %s against the token, a message %s arrives during the check: it is refused as %s',
  async (found, received, fault) => {
    const sessions = keepSessions({
      roleClasses: { ADMIN: [], AUDITOR: [] },
      leewaySeconds: 5,
      recheckMs: 30_000,
      onEnd: () => undefined,
      securityLog: NO_SECURITY_LOG,
      async check() {
        sessions.end({ userId: '17' }, received);
        return found;
      },
    });
    onTestFinished(() => sessions.close());
    await expect(sessions.begin(IDENTITY, { address: null, transport: 'websocket' })).rejects.toMatchObject({
      fault,
    });
    expect(sessions.count).toBe(0);
  },
);
