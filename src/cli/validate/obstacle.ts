import { messageOf } from '../../errors.ts';
import { readAnswer } from './operation.ts';
import { callHttp, type HttpAnswer } from './over-http.ts';
import type { Wire } from './wire.ts';

/**
 * Says why nothing can be tried at the address; `undefined`: something can. Otherwise each trial would wait for an answer, and trials
 * that expect a refusal would pass because everything is refused.
 */
export async function findObstacle(wire: Wire): Promise<string | undefined> {
  const address = wire.url.href;
  let answer: HttpAnswer;
  try {
    answer = await callHttp(wire, undefined, { query: '{ __typename }' });
  } catch (error) {
    return `${address} does not answer: ${messageOf(error)}`;
  }
  const { data, errors } = readAnswer(answer.body);
  if (data === undefined && errors.length === 0)
    return `${address} is no GraphQL API: it answers with the status ${answer.status}`;
  const isOnly = errors.some(({ code }) => code === 'UNTRUSTED_DOCUMENT');
  return isOnly ? ONLY_TRUSTED : undefined;
}

const ONLY_TRUSTED =
  'the server runs trusted documents only, and those of a validation are none of them: validate a process with TRUSTED_DOCUMENTS_MODE=also';
