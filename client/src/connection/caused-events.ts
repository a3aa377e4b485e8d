/** The header of an answer that names the events which a request has caused. */
export const HEADER = 'Dms-Live-Events';

/** The last event of a topic that a request has caused. */
export interface CausedEvent {
  /** As names of topics spell it: `request`. */
  readonly kind: string;
  readonly unitId: string;
  readonly id: string;
}

const EVENT = /^\s*([^:\s]+):unit:([^=\s]+)=(\S+)\s*$/;

/** Reads what an answer names. What is written otherwise is ignored: it may be of a later version. */
export function readCausedEvents(answer: unknown): readonly CausedEvent[] {
  return (headerOf(answer) ?? '').split(',').flatMap((written) => {
    const [, kind, unitId, id] = EVENT.exec(written) ?? [];
    return kind === undefined || unitId === undefined || id === undefined ? [] : [{ kind, unitId, id }];
  });
}

/** Of a `Response`, an answer of Axios, their headers, a plain object of headers, or the header's value itself. */
function headerOf(answer: unknown): string | undefined {
  if (typeof answer === 'string') return answer;
  if (typeof answer !== 'object' || answer === null) return undefined;
  if ('headers' in answer) return headerOf(answer.headers);
  const value =
    'get' in answer && typeof answer.get === 'function'
      ? answer.get(HEADER)
      : Object.entries(answer).find(([name]) => name.toLowerCase() === HEADER.toLowerCase())?.[1];
  return typeof value === 'string' ? value : undefined;
}
