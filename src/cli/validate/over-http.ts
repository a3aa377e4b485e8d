import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../errors.ts';
import { answerTo, readText, send } from '../doctor/http-probe.ts';
import { createOperation, type OperationRequest, type RunningOperation } from './operation.ts';
import { type Run, readJson, type Transport, type Wire } from './wire.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** A query or a mutation, in one request. */
export async function callHttp(
  { url, transcript, patienceMs }: Wire,
  token: string | undefined,
  request: OperationRequest,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  const sent = send(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(request),
  });
  const response = await answerTo(sent, patienceMs);
  const text = await readText(response);
  transcript.received(text);
  return { status: response.statusCode ?? 0, headers: response.headers, body: readJson(text) };
}

/** Each operation in a request of its own. It is over with its answer. */
export const overHttp: Transport = async (wire, token, requests): Promise<Run> => {
  const operations = requests.map((request) => createOperation(request, wire.news.changed));
  const runOne = async (operation: RunningOperation): Promise<void> => {
    try {
      const { status, body } = await callHttp(wire, token, operation.request);
      operation.take(body);
      operation.finish(status === 200 ? 'complete' : status);
    } catch (error) {
      operation.finish('no answer', messageOf(error));
    }
  };
  for (const operation of operations) await runOne(operation);
  return { operations, close: () => undefined };
};
