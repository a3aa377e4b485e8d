/** Server-sent events: whether they arrive at once, and as they were sent. */
import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../errors.ts';
import { type Finding, fault, note, ok, warning } from '../finding.ts';
import { answerTo, send } from './http-probe.ts';

/** A server writes at once when a stream begins. What has not come after this time is held back, in milliseconds. */
const HELD_BACK_MS = 2000;

/** Opens a subscription as an event stream. */
export function openStream(url: URL, token: string, query: string) {
  return send(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'accept-encoding': 'gzip, br',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query }),
  });
}

export async function examineStream(
  url: URL,
  token: string | undefined,
  query: string,
): Promise<readonly Finding[]> {
  if (token === undefined) return [note('event stream', 'not tried', 'give --token-file')];
  const sent = openStream(url, token, query);
  try {
    const response = await answerTo(sent, HELD_BACK_MS);
    const { 'content-type': type = '', 'content-encoding': encoding } = response.headers;
    if (response.statusCode !== 200 || !type.startsWith('text/event-stream'))
      return [
        fault(
          'event stream',
          `answered with status ${response.statusCode} and ${type || 'no type'}`,
          ADVICE[response.statusCode ?? 0] ?? 'is the path right, and does the proxy lead to dms-live?',
        ),
      ];
    const compressed =
      encoding === undefined
        ? []
        : [
            warning(
              'compression',
              `the proxy compresses event streams (${encoding})`,
              'leave text/event-stream out: what is compressed is held back',
            ),
          ];
    return [await examineFirstBytes(response), ...compressed];
  } catch (error) {
    return [fault('event stream', messageOf(error), BUFFERED)];
  } finally {
    sent.destroy();
  }
}

const ADVICE: Readonly<Record<number, string>> = {
  200: 'the proxy answers instead of dms-live, or changes the header Accept',
  401: 'the server refuses the token: see the sign-in and the tokens above',
  429: 'this address or user is over a limit: wait a moment, and see docs/limits.md',
  503: 'the server cannot check the token now, or stops: see its /ready and its log',
};

const BUFFERED =
  'the proxy holds back what the server sends: nginx needs proxy_buffering off (or X-Accel-Buffering passed)';

async function examineFirstBytes(response: IncomingMessage): Promise<Finding> {
  const hasCome = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(resolve, HELD_BACK_MS, false);
    const settle = (value: boolean): void => {
      clearTimeout(timer);
      resolve(value);
    };
    response.once('data', () => settle(true));
    response.once('end', () => settle(false));
    response.once('error', () => settle(false));
  });
  return hasCome
    ? ok('event stream', 'arrives as it is sent')
    : fault('event stream', `nothing of it arrives within ${HELD_BACK_MS / 1000} s`, BUFFERED);
}
