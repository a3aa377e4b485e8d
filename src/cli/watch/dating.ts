/** When messages were appended, and whether that was in this Redis. Messages do not say the first; the entries of the log do. */
import type { BusMessage } from '../../bus/bus.ts';
import { digestOf } from '../../bus/envelope.ts';
import type { LogPosition } from '../../bus/position.ts';
import type { Lookout } from '../lookout.ts';
import { fromMessage, fromSessionMessage, type ReadOptions, type WatchedEvent } from './watched-event.ts';

/** Where the log of a topic has an event. */
interface LogEntry {
  readonly stream: string;
  readonly position: LogPosition;
}

interface Read {
  readonly event: WatchedEvent;
  /** `undefined`: it is in no log of ours. */
  readonly entry?: LogEntry;
}

/** Neighbours in a log. */
type Run = [LogEntry, ...LogEntry[]];

const STRANGE = 'another installation publishes under this prefix';

/** Reads messages, and asks Redis once for each run of neighbours. While Redis is away they are without their time. */
export function createDating({ names, history, keys }: Lookout, options: ReadOptions) {
  /** The generation of each kind as it was read last: it changes only when Redis loses its data. */
  const generations = new Map<string, string | undefined>();

  async function isOurs(kind: string, generation: string): Promise<boolean> {
    if (generations.get(kind) === generation) return true;
    const [ours = null] = await keys.read([names.generationOf(kind)]);
    generations.set(kind, ours === null ? undefined : digestOf(ours));
    return generations.get(kind) === generation;
  }

  async function date(run: Run): Promise<readonly (readonly [LogEntry, number | undefined])[]> {
    const [first] = run;
    const last = run.at(-1) ?? first;
    const found = await history.between(first.stream, first.position, last.position);
    const times = new Map(found.map(({ position, appendedAt }) => [position.offset, appendedAt]));
    return run.map((entry) => [entry, times.get(entry.position.offset)]);
  }

  return async (messages: readonly BusMessage[]): Promise<readonly WatchedEvent[]> => {
    const asked = new Map<string, Promise<boolean>>();
    function ask(kind: string, generation: string): Promise<boolean> {
      const question = `${kind} ${generation}`;
      const answer = asked.get(question) ?? isOurs(kind, generation).catch(() => true);
      asked.set(question, answer);
      return answer;
    }
    const read = messages.map(async ({ channel, payload }): Promise<Read> => {
      if (channel === names.session) return { event: fromSessionMessage(channel, payload) };
      const { event, inTopic, generation } = fromMessage(channel, payload, options);
      const source = names.channelOf(channel);
      if (source === undefined || inTopic === undefined) return { event };
      if (generation !== undefined && !(await ask(source.kind, generation)))
        return { event: { ...event, refused: STRANGE } };
      return { event, entry: { stream: names.streamOf(source), position: inTopic } };
    });
    const all = await Promise.all(read);
    const runs = runsOf(all.flatMap(({ entry }) => entry ?? []));
    const found = await Promise.all(runs.map((run) => date(run).catch(() => []))); // Redis is away
    const times = new Map(found.flat());
    return all.map(({ event, entry }) =>
      entry === undefined ? event : { ...event, appendedAt: times.get(entry) },
    );
  };
}

function runsOf(entries: readonly LogEntry[]): readonly Run[] {
  const newest = new Map<string, Run>();
  const runs: Run[] = [];
  for (const entry of entries) {
    const { stream, position } = entry;
    const run = newest.get(stream);
    const before = run?.at(-1)?.position;
    if (run && before?.epoch === position.epoch && before.offset + 1 === position.offset) {
      run.push(entry);
      continue;
    }
    const begun: Run = [entry];
    newest.set(stream, begun);
    runs.push(begun);
  }
  return runs;
}
