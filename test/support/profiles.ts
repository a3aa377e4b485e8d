import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { Queue } from './clients.ts';

/** How the endpoint answers a request with a token. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** The DMS's profile endpoint, for the running test. */
export interface ProfileEndpoint {
  readonly url: string;
  /** The tokens of the requests, in order. */
  readonly asked: readonly string[];
  /** Replaces the answer from now on. */
  answer(how: Answer): void;
  /** Waits for the next request. */
  untilAsked(): Promise<void>;
}

export const json =
  (profile: unknown, status = 200): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(profile));

export const profile = {
  head: { id: 17, name: 'Ada', unit_id: 5, role: 'Section Head' },
  moved: { id: 17, name: 'Ada', unit_id: 7, role: 'Section Head' },
};

export async function useProfileEndpoint(first: Answer = json(profile.head)): Promise<ProfileEndpoint> {
  const asked: string[] = [];
  const requests = new Queue<true>();
  let answer = first;
  const server = createServer((request, response) => {
    if (request.headers['dms-live-background'] !== '1') {
      response.writeHead(400).end('not marked as made in the background');
      return;
    }
    asked.push(request.headers.authorization?.replace('Bearer ', '') ?? '');
    requests.push(true);
    answer(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/me/`,
    asked,
    answer: (how) => {
      answer = how;
    },
    async untilAsked() {
      await requests.next();
    },
  };
}
