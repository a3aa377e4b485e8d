import type { ClientRequest, IncomingMessage } from 'node:http';
import { messageOf } from '../../errors.ts';
import { isRecord } from '../../events/paths.ts';
import { answerTo, readText, send } from '../doctor/http-probe.ts';
import { readBlocks } from './event-stream.ts';
import { createOperation, type RunningOperation } from './operation.ts';
import { readJson, stringsOf, type Transport, type Wire } from './wire.ts';

/** Distinct connections: a stream for each operation. */
export const overSse: Transport = async (wire, token, requests) => {
  const operations = requests.map((request) => createOperation(request, wire.news.changed));
  const sent = operations.map((operation) =>
    ask(wire, token, 'text/event-stream', operation.request, [operation], (fields) => {
      const [cursor, data] = [fields.get('id'), fields.get('data')];
      if (cursor) operation.reach(cursor);
      if (fields.get('event') === 'next' && data) operation.take(readJson(data));
      if (fields.get('event') === 'complete') operation.finish('complete');
    }),
  );
  await Promise.all(sent.map(({ begun }) => begun));
  return { operations, close: () => sent.forEach(({ request }) => void request.destroy()) };
};

/** One stream for all operations, which one request brings. */
export const overSseForMany: Transport = async (wire, token, requests) => {
  const operations = requests.map((request) => createOperation(request, wire.news.changed));
  const named = (id: string): RunningOperation | undefined => operations[Number(id)];
  const body = requests.map((request, index) => ({
    ...request,
    extensions: { ...request.extensions, operationId: `${index}` },
  }));
  const accept = 'text/event-stream; operations=many';
  const { request, begun } = ask(wire, token, accept, body, operations, (fields) => {
    const [event, data] = [fields.get('event'), readJson(fields.get('data') ?? '')];
    for (const [id, cursor] of stringsOf(readJson(fields.get('id') ?? ''))) named(id)?.reach(cursor);
    if (event === undefined || !isRecord(data)) return;
    const operation = named(String(data['id']));
    if (event === 'next') operation?.take(data['payload']);
    if (event === 'complete') operation?.finish('complete');
  });
  await begun;
  return { operations, close: () => void request.destroy() };
};

interface Asked {
  readonly request: ClientRequest;
  /** Resolves once the server has begun to answer. It never rejects. */
  readonly begun: Promise<void>;
}

/** Asks for an event stream. What is no stream, and its end, ends the operations. */
function ask(
  wire: Wire,
  token: string | undefined,
  accept: string,
  body: unknown,
  operations: readonly RunningOperation[],
  onBlock: (fields: ReadonlyMap<string, string>) => void,
): Asked {
  const { url, transcript, patienceMs } = wire;
  const request = send(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const finish = (by: string | number, reason: string): void => {
    for (const operation of operations) operation.finish(by, reason);
  };

  async function read(response: IncomingMessage): Promise<void> {
    try {
      for await (const fields of readBlocks(response, transcript.received)) onBlock(fields);
      finish('end of the stream', '');
    } catch (error) {
      finish('broken off', messageOf(error));
    }
  }

  async function begin(): Promise<void> {
    try {
      const response = await answerTo(request, patienceMs);
      request.on('error', () => undefined);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200 && headers['content-type']?.startsWith('text/event-stream') === true) {
        void read(response);
        return;
      }
      await takeRefusal(response, statusCode);
    } catch (error) {
      finish('no answer', messageOf(error));
    }
  }

  /** A refusal may itself be an event stream, or JSON. */
  async function takeRefusal(response: IncomingMessage, statusCode: number): Promise<void> {
    const text = await readText(response);
    transcript.received(text);
    const written = /^data: ?(\{.*)$/m.exec(text)?.[1] ?? text;
    for (const operation of operations) operation.take(readJson(written));
    finish(statusCode, '');
  }

  return { request, begun: begin() };
}
