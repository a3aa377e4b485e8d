import { AsyncLocalStorage } from 'node:async_hooks';
import type { Message } from '../desk.ts';

/** The last event of each unit's topic, by the topic's name as answers have it: `request:unit:5`. */
type Caused = Map<string, string>;

const current = new AsyncLocalStorage<Caused>();

/** Runs what answers a request. Calls back with the header that names the events it has caused; `undefined`: none. */
export async function withCausedEvents<Result>(
  answer: () => Promise<Result>,
  use: (header: string) => void,
): Promise<Result> {
  const caused: Caused = new Map();
  const result = await current.run(caused, answer);
  if (caused.size > 0) use([...caused].map(([topic, id]) => `${topic}=${id}`).join(', '));
  return result;
}

/** The request that is being answered, if any, has caused these. Snapshots of figures are no events. */
export function noteCausedEvents(messages: readonly Message[]): void {
  const caused = current.getStore();
  for (const { topic, event } of messages)
    if ('unitId' in topic && topic.kind !== 'kpis')
      caused?.set(`${topic.kind}:unit:${topic.unitId}`, String(event.id));
}
