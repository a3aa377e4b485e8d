/** Whether a proxy keeps a connection on which nothing happens for a while: servers send a sign of life every 12 seconds. */
import { messageOf } from '../../errors.ts';
import { KEEP_ALIVE_MS } from '../../transport/event-stream.ts';
import { duration, type Finding, fault, note, ok } from '../finding.ts';
import { answerTo } from './http-probe.ts';
import { openStream } from './stream-probe.ts';
import { openSocket, signIn } from './websocket-probe.ts';

export interface IdleQuestion {
  readonly url: URL;
  readonly token: string | undefined;
  /** How long an idle connection is watched, in milliseconds; 0: not at all. */
  readonly idleMs: number;
}

export async function examineIdle(question: IdleQuestion, query: string): Promise<readonly Finding[]> {
  const { token, idleMs } = question;
  if (idleMs === 0) return [];
  if (token === undefined) return [note('idle connections', 'not tried', 'give --token-file')];
  return Promise.all([
    watchSocket(question.url, token, idleMs),
    watchStream(question.url, token, query, idleMs),
  ]);
}

const ADVICE = `a proxy ends it: let idle connections live longer than ${2 * (KEEP_ALIVE_MS / 1000)} s (nginx: proxy_read_timeout, proxy_send_timeout)`;

async function watchSocket(url: URL, token: string, idleMs: number): Promise<Finding> {
  const { socket } = await openSocket(url);
  if (socket === undefined) return note('idle WebSocket', 'not tried, since none can be opened');
  try {
    if ((await signIn(socket, token)) !== 'connection_ack')
      return note('idle WebSocket', 'not tried, since the sign-in fails');
    return await watch('idle WebSocket', idleMs, (onEnd) => socket.once('close', onEnd));
  } finally {
    socket.terminate();
  }
}

async function watchStream(url: URL, token: string, query: string, idleMs: number): Promise<Finding> {
  const sent = openStream(url, token, query);
  try {
    const response = await answerTo(sent);
    response.resume();
    return await watch('idle event stream', idleMs, (onEnd) => response.once('close', onEnd));
  } catch (error) {
    return note('idle event stream', messageOf(error));
  } finally {
    sent.destroy();
  }
}

async function watch(about: string, idleMs: number, onEnd: (end: () => void) => void): Promise<Finding> {
  const began = performance.now();
  const hasEnded = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(resolve, idleMs, false);
    onEnd(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
  return hasEnded
    ? fault(about, `ended after ${duration(performance.now() - began)}`, ADVICE)
    : ok(about, `still open after ${duration(idleMs)}`);
}
