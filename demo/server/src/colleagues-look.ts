import type { Logger } from 'dms-live';
import { between, pick, type Random } from './random.ts';
import type { RequestRecord } from './records.ts';
import type { Simulation } from './run-simulation.ts';
import { DAY_S, signDemoToken } from './tokens.ts';
import { type Person, STAFF, UNITS } from './users.ts';

/** How long a colleague stays at a request, and how long it takes until another one comes, in milliseconds. */
const STAY_MS = { least: 8000, most: 20_000 };
const PAUSE_MS = { least: 6000, most: 14_000 };
/** How many of a unit's newest open requests colleagues look at. */
const LOOKED_AT = 8;
/** How likely it is that a Store Head is about to do something. */
const LIKELY_ACTING = 0.5;

const ANNOUNCE = `subscription ($id: ID!, $doing: PresenceDoing!, $action: String) {
  announcePresence(kind: "request", id: $id, doing: $doing, action: $action)
}`;

export interface ColleaguesOptions {
  /** Where the server is, with its base path. */
  readonly url: string;
  readonly tokens: Parameters<typeof signDemoToken>[1];
  readonly simulation: Pick<Simulation, 'records' | 'pace'>;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * Now and then a simulated colleague looks at a request, so that a lone visitor sees how it is not to be alone. They announce
 * themselves as every client does.
 * @returns how to stop.
 */
export function letColleaguesLook({ url, tokens, simulation, random, log }: ColleaguesOptions): () => void {
  const stopping = new AbortController();
  let turn: NodeJS.Timeout | undefined;

  function awaitNext(): void {
    turn = setTimeout(
      () => {
        if (simulation.pace !== 'paused')
          visit().catch((error: unknown) =>
            log.debug({ err: error }, 'a simulated colleague could not look'),
          );
        awaitNext();
      },
      between(random, PAUSE_MS.least, PAUSE_MS.most),
    );
  }

  async function visit(): Promise<void> {
    const unitId = pick(random, UNITS) ?? UNITS[0];
    const request = pick(random, simulation.records.openRequests(unitId).slice(-LOOKED_AT));
    if (request === undefined) return;
    const { clerk, qualityControl, storeHead } = STAFF[unitId];
    const person = pick(random, [clerk, qualityControl, storeHead]) ?? clerk;
    const action = random() < LIKELY_ACTING ? actionOf(person, request) : undefined;
    const token = await signDemoToken(person, tokens, { type: 'access', lifetime: DAY_S });
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'text/event-stream',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        query: ANNOUNCE,
        variables: { id: request.id, doing: action === undefined ? 'LOOKING' : 'ACTING', action },
      }),
      signal: AbortSignal.any([
        stopping.signal,
        AbortSignal.timeout(between(random, STAY_MS.least, STAY_MS.most)),
      ]),
    });
    await response.text(); // until the signal ends it
  }

  awaitNext();
  return () => {
    clearTimeout(turn);
    stopping.abort();
  };
}

/** What somebody could be about to do with a request, in the app's words; `undefined`: nothing. */
function actionOf({ role }: Person, { status, requestType }: RequestRecord): string | undefined {
  if (role !== 'Store Head') return undefined;
  if (status === 'PENDING') return 'approve';
  if (status === 'ISSUED') return 'return';
  if (status !== 'APPROVED') return undefined;
  return requestType === 'STORAGE' ? 'allocate-storage' : 'issue';
}
