import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface ProbeRequest {
  readonly method: 'GET' | 'POST' | 'OPTIONS';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** How long an answer may take to begin, in milliseconds. */
export const PATIENCE_MS = 5000;
/** How much of an answer is read, in characters. */
const MAX_LENGTH = 100_000;

/** Sends a request as it is written: no redirect is followed, and nothing is decompressed. */
export function send(url: URL, { method, headers, body }: ProbeRequest): ClientRequest {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
  const sent = request(url, { method, headers: { ...headers, ...length }, agent: false });
  sent.end(body);
  return sent;
}

/** The head of the answer. Rejects with why there is none. */
export function answerTo(sent: ClientRequest, patienceMs = PATIENCE_MS): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => sent.destroy(new Error(`no answer within ${patienceMs / 1000} s`)),
      patienceMs,
    );
    sent.once('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    sent.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

export async function readText(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > MAX_LENGTH) break;
  }
  return text;
}
