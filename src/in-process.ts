/** What a program can do that runs the server in its own process: publish on the server's bus, and end sessions. */
import type { App } from './app.ts';
import { readRevocations } from './auth/revocation-record.ts';
import { createTokenVerifier } from './auth/verify-token.ts';
import type { Identity } from './auth/viewer.ts';
import type { Config } from './config/config.ts';
import { SessionError } from './errors.ts';
import { readDomain } from './events/domain.ts';
import { createTopicNames, type TopicNames } from './events/topic-names.ts';
import type { Logger } from './log.ts';
import type { DmsEvents, Publisher } from './publisher.ts';
import { createPublisher } from './topics/publisher.ts';

/**
 * Publishes on the bus of a running server, also where that bus is within the process. It ends with the server.
 * @typeParam Events what may be published, where `SCHEMA` is not the DMS's: see `connectPublisher`.
 */
export function createAppPublisher<Events extends object = DmsEvents>(
  { bus }: App,
  config: Config,
): Publisher<Events> {
  return createPublisher(bus, namesOf(config), config.retention);
}

const namesOf = ({ topicPrefix, schemaFile }: Config): TopicNames =>
  createTopicNames(topicPrefix, readDomain(schemaFile).kinds);

/** For a program that issues the tokens itself: it knows which of them are good, and can end them before they expire. */
export interface TokenControl {
  /** Reads an access token. Rejects with {@link SessionError} where it is not good, or was revoked. */
  identify(token: string): Promise<Identity>;
  /** Looks up a token that the program has verified itself. Rejects with {@link SessionError} where it was revoked. */
  check(identity: Identity): Promise<void>;
  /** Ends the sessions of one token, and refuses it until it expires. */
  revoke(token: Pick<Identity, 'tokenId' | 'expiresAt'>): Promise<void>;
}

/**
 * Both `identify` and `check` reject with `SERVICE_UNAVAILABLE` while the record of revocations cannot be read.
 * @throws {TypeError} when the settings name a JWKS: such tokens are issued elsewhere.
 */
export function createTokenControl({ bus }: App, config: Config, log: Logger): TokenControl {
  const names = namesOf(config);
  const verify = createTokenVerifier(config.token);
  const record = readRevocations(bus, names, log, bus);

  async function check(identity: Identity): Promise<void> {
    const fault = await record.check(identity);
    if (fault !== undefined) throw new SessionError(fault);
  }

  return {
    check,
    async identify(token) {
      const identity = await verify(token);
      await check(identity);
      return identity;
    },
    async revoke({ tokenId, expiresAt }) {
      const seconds = Math.ceil(expiresAt - Date.now() / 1000);
      if (tokenId === null || seconds <= 0) return;
      const { revocations, session: channel } = names;
      await bus.revoke({
        record: revocations,
        channel,
        action: 'REVOKED',
        whose: 'jti',
        id: tokenId,
        seconds,
      });
    },
  };
}
