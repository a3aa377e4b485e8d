import type { Config } from 'dms-live';
import type { SignedInUser } from './graphiql-page.ts';
import { DEMO_PASSWORD, describePerson, usernameOf } from './users.ts';

const SIMULATED = 'dms-live demo: a simulated DMS of units 1, 2 and 3 is publishing events.';

/** What the demo says once it runs: where to look, who one can be, and two lines to paste. */
export function writeGreeting(
  url: string,
  config: Config,
  users: readonly SignedInUser[],
  introduction = SIMULATED,
): string {
  const origin = url.replace('://0.0.0.0:', '://localhost:').replace('://[::]:', '://localhost:');
  const site = `${origin}${config.basePath}`;
  const endpoint = `${site}/graphql`;
  const lines = ['', introduction, ''];
  lines.push(`Open ${site} in two browsers, side by side, and sign in as`);
  for (const { person } of users)
    lines.push(`  ${usernameOf(person).padEnd(COLUMN)}${describePerson(person)}`);
  lines.push(
    `or any of their colleagues. Everybody’s password and digital signature is: ${DEMO_PASSWORD}`,
    '',
  );
  if (config.graphiql) {
    lines.push('Or open GraphiQL and press play, as');
    for (const { person, slug } of users) lines.push(`  ${describe(person)}${endpoint}?as=${slug}`);
    lines.push('');
  }
  lines.push(`WebSocket (graphql-transport-ws)  ${endpoint.replace('http', 'ws')}`);
  lines.push(`SSE and HTTP                      ${endpoint}`);
  lines.push(`Health                            ${origin}/health`);
  lines.push(`Events come from                  ${describeBus(config)}`, '');
  lines.push('Access tokens, valid for 24 hours and until this demo ends:');
  for (const { person, token } of users) lines.push('', `  ${person.name}, ${describePerson(person)}`, token);
  lines.push('', 'Watch events without a browser:', '', curlLine(endpoint, users[0]?.token ?? ''));
  const byHand = redisLine(config);
  if (byHand !== undefined) lines.push('', 'Publish an event yourself:', '', byHand);
  lines.push('', 'Ctrl-C stops the demo.', '');
  return lines.join('\n');
}

const COLUMN = 26;

function describe(person: Parameters<typeof describePerson>[0]): string {
  return describePerson(person).padEnd(COLUMN);
}

function describeBus({ redis }: Config): string {
  if (redis === undefined) return 'within this process (set REDIS_URL to use a Redis)';
  return `Redis at ${redis.nodes.map(({ host, port }) => `${host}:${port}`).join(', ')}`;
}

function curlLine(endpoint: string, token: string): string {
  const query =
    'subscription { requestUpdated { action actor { name } request { id requestType status unitId } } }';
  const headers = [
    `Authorization: Bearer ${token}`,
    'Accept: text/event-stream',
    'Content-Type: application/json',
  ];
  return `curl -N ${headers.map((header) => `-H '${header}'`).join(' ')} -d '${JSON.stringify({ query })}' ${endpoint}`;
}

/** The password is left out: redis-cli takes it from REDISCLI_AUTH. */
function redisLine({ redis, topicPrefix }: Config): string | undefined {
  const [node] = redis?.nodes ?? [];
  if (redis === undefined || node === undefined || redis.form === 'sentinel') return undefined;
  const options = [`-h ${node.host} -p ${node.port}`];
  if (redis.form === 'cluster') options.push('-c');
  if (redis.tls) options.push('--tls');
  if (redis.username !== undefined) options.push(`--user ${redis.username}`);
  const event = JSON.stringify({
    id: 'by-hand-TIME',
    action: 'APPROVED',
    occurredAt: 'TIME',
    request: { id: 4821, requestType: 'WITHDRAWAL', status: 'APPROVED', unitId: 1 },
  });
  // Each run of the line is an event of its own.
  const timed = event.replaceAll('TIME', "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'");
  return `redis-cli ${options.join(' ')} PUBLISH ${topicPrefix}:request:unit:1 '${timed}'`;
}
