import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { onTestFinished } from 'vitest';
import { graphqlUrl } from '../../support/clients.ts';
import { createRecording, type Interest } from './recording.ts';
import {
  type Close,
  noteFailure,
  REFUSED_PAUSE_MS,
  type RecordingClient,
  type Route,
} from './recording-client.ts';

/**
 * A client of the running test over SSE. It resumes with Last-Event-ID, as a browser's EventSource does.
 * @param ca the authority that signed the certificates of https URLs; `undefined`: the URLs are http.
 */
export function recordStream(route: Route, token: string, interest: Interest, ca?: string): RecordingClient {
  const recording = createRecording(interest);
  const closes: Close[] = [];
  const hints: number[] = [];
  let connections = 0;
  let current: ClientRequest | undefined;
  let response: IncomingMessage | undefined;
  let isAway = false;

  function connect(): void {
    if (isAway) return;
    const begin = ca === undefined ? request : requestSecurely;
    const asked = begin(graphqlUrl({ url: route() }), {
      method: 'POST',
      agent: false,
      ca,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
        ...(recording.cursor !== undefined && { 'last-event-id': recording.cursor }),
      },
    });
    current = asked;
    let isOver = false;
    const over = (code: number, pauseMs: number): void => {
      if (isOver) return;
      isOver = true;
      closes.push({ code, at: Date.now() });
      setTimeout(connect, pauseMs);
    };
    asked.on('error', () => over(-1, REFUSED_PAUSE_MS));
    asked.on('response', (arrived) => {
      response = arrived;
      if (arrived.statusCode !== 200) {
        arrived.resume();
        return over(-1, REFUSED_PAUSE_MS);
      }
      connections += 1;
      let text = '';
      let pauseMs = 0;
      arrived.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) pauseMs = handle(block) ?? pauseMs;
      });
      arrived.on('error', () => over(-1, pauseMs));
      arrived.on('close', () => over(arrived.complete ? 0 : -1, pauseMs));
    });
    asked.end(JSON.stringify({ query: interest.query }));
  }

  /** Returns how long to wait before the next connection, if the block says so. */
  function handle(block: string): number | undefined {
    const fields = new Map(block.split('\n').map(splitField));
    const hint = fields.get('retry');
    if (hint !== undefined) hints.push(Number(hint));
    const { data, errors } = fields.get('event') === 'next' ? JSON.parse(fields.get('data') ?? '{}') : {};
    if (data) recording.take(data.event);
    recording.cursor = fields.get('id') ?? recording.cursor;
    if (errors) return noteFailure(recording, errors);
    return hint === undefined ? undefined : Number(hint);
  }

  function leave(): void {
    isAway = true;
    current?.destroy();
  }

  connect();
  const client: RecordingClient = {
    recordings: [recording],
    get connections() {
      return connections;
    },
    closes,
    hints,
    cut() {
      const isOpen = response?.destroyed === false;
      response?.destroy();
      return isOpen;
    },
    stall: () => void response?.pause(),
    read: () => void response?.resume(),
    leave,
    comeBack() {
      isAway = false;
      connect();
    },
    stop: leave,
  };
  onTestFinished(client.stop);
  return client;
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
