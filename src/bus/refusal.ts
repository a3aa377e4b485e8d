import { messageOf } from '../errors.ts';

/** An answer of Redis begins with a word in capitals; an error of a connection, from ioredis, does not. */
const REPLY = /^(?:Ready check failed: |All sentinels are unreachable.* Last error: )?([A-Z]{3,})\b/;

/**
 * The first word of what Redis answered instead of doing what it was asked, such as `NOPERM`; `undefined` where it did not
 * answer at all.
 */
export function refusalCode(error: unknown): string | undefined {
  return REPLY.exec(messageOf(error))?.[1];
}

/** How errors begin if a connection cannot be made or was lost. Node's error for a host with several addresses is empty. */
const AWAY =
  /^($|Connection is closed|connect |read |write |getaddrinfo |Reached the max retries|Command aborted|Command timed out|Stream isn't writeable|Socket closed|timed out|All sentinels are unreachable|Failed to refresh|None of startup nodes|Cluster isn't ready|Too many Cluster)/;

/** Whether the bus answered and refused, rather than could not be reached. An unknown error counts as a refusal. */
export function isRefusal(error: unknown): boolean {
  return refusalCode(error) !== undefined || !AWAY.test(messageOf(error));
}

const MEANINGS: Readonly<Record<string, string>> = {
  NOPERM: 'its account lacks a right: see “Accounts” in docs/redis.md',
  NOAUTH: 'REDIS_URL names no password, and Redis wants one',
  WRONGPASS: 'user or password in REDIS_URL are not (or no longer) those of Redis',
  DENIED: 'Redis runs in protected mode: give it a password, or `protected-mode no`',
  LOADING: 'it is loading its data',
  BUSY: 'a script keeps it busy',
  MASTERDOWN: 'it is a replica that has lost its primary',
  CLUSTERDOWN: 'the cluster lacks nodes',
  MISCONF: 'it cannot save its data to disk: look at its log, and at the room on its disk',
  OOM: 'its memory is full (maxmemory): give it more, or keep fewer events',
  NOREPLICAS: 'too few replicas follow it (min-replicas-to-write)',
  READONLY: 'it is a replica: point REDIS_URL at the primary, or at the sentinels',
  MOVED: 'it is a node of a Cluster: write redis+cluster://… in REDIS_URL',
  CROSSSLOT: 'it is a node of a Cluster: write redis+cluster://… in REDIS_URL',
};

/** The same by a part of what was answered, where its first word says little. */
const BY_PART: readonly (readonly [part: RegExp, meaning: string])[] = [
  [/max number of clients/, 'it has as many clients as it may (maxclients)'],
  [/cluster support disabled/, 'it is no Cluster: write redis://… in REDIS_URL'],
  [
    /unknown command|Only HELLO messages/,
    'it does not know a command: it is a sentinel (write redis+sentinel://…), or too old',
  ],
  [
    /certificate|altnames/i,
    'its certificate is not trusted here: NODE_EXTRA_CA_CERTS names the file of its authority, and REDIS_URL a host that is in it',
  ],
];

/** Says in an operator's words why Redis refuses, with what it answered. */
export function explainRefusal(answer: string): string {
  const [, ofSentinel] = /^All sentinels are unreachable.* Last error: (.*)$/.exec(answer) ?? [];
  if (ofSentinel?.includes('No such master'))
    return `the sentinels know no primary of the name in REDIS_URL (${ofSentinel})`;
  if (ofSentinel !== undefined)
    return `the sentinels do not let us in: REDIS_SENTINEL_USER and REDIS_SENTINEL_PASSWORD are their account, or missing (${ofSentinel})`;
  const meaning = MEANINGS[refusalCode(answer) ?? ''] ?? BY_PART.find(([part]) => part.test(answer))?.[1];
  return meaning === undefined ? answer : `${meaning} (${answer})`;
}
