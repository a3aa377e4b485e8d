import type { LogPosition } from '../../bus/position.ts';
import type { HistoryEntry, KeptLetter } from '../../bus/redis-history.ts';
import type { EventKind } from '../../events/kinds.ts';
import type { Channel } from '../../events/topic-names.ts';
import { type ReadResult, readMessage } from '../../topics/read-message.ts';
import { entityIds } from '../entity-ids.ts';
import type { Lookout } from '../lookout.ts';

/** What is looked for: an event by its id, or the newest event about an entity. */
export type Wanted =
  | { readonly eventId: string; readonly kind: string | undefined }
  | { readonly entityId: string; readonly kind: string };

/** An event that is in the log of its topic. */
export interface FoundEvent {
  readonly kind: EventKind;
  readonly channel: Channel;
  readonly entry: HistoryEntry;
  /** Where it stands in the log of all units, if it is in there. */
  readonly inAll: LogPosition | undefined;
  /** What a server reads of it. */
  readonly read: ReadResult;
}

/** How far back the logs of a kind reach; `undefined`: there is no event of that kind. */
export interface Reach {
  readonly kind: string;
  readonly since: number | undefined;
}

/** Looks through the logs, the newest entries first. */
export async function findEvent(lookout: Lookout, wanted: Wanted): Promise<FoundEvent | undefined> {
  for await (const found of findEvents(lookout, wanted)) return found;
  return undefined;
}

/** All events that are wanted: of an entity there may be many. */
export async function* findEvents(lookout: Lookout, wanted: Wanted): AsyncGenerator<FoundEvent> {
  for (const kind of kindsOf(lookout, wanted)) {
    for await (const stream of streamsToSearch(lookout, kind)) {
      for await (const entry of lookout.history.newestFirst(stream)) {
        if (!matches(lookout, kind, entry, wanted)) continue;
        const found = await locate(lookout, kind, stream, entry);
        if (found !== undefined) yield found;
      }
    }
  }
}

function kindsOf({ names }: Lookout, { kind }: Wanted): readonly EventKind[] {
  return [...names.kinds.values()].filter((known) => kind === undefined || known.kind === kind);
}

/** The log of all units has what is in the logs of units. What is addressed to users, and snapshots, have logs of their own. */
async function* streamsToSearch({ names, keys }: Lookout, kind: EventKind): AsyncGenerator<string> {
  const allUnits = { kind: kind.kind, all: 'units' } as const;
  const hasAll = names.isLogged(allUnits);
  if (hasAll) yield names.streamOf(allUnits);
  if (hasAll && !kind.hasUserTopics) return;
  const found = new Set<string>();
  await keys.findKeys(names.streamsOf(kind.kind), async (some) => {
    for (const key of some) {
      const channel = names.channelOfStream(key);
      if (channel !== undefined && !(hasAll && 'unitId' in channel)) found.add(key);
    }
  });
  yield* found;
}

function matches({ names }: Lookout, kind: EventKind, entry: HistoryEntry, wanted: Wanted): boolean {
  if ('eventId' in wanted) return entry.eventId === wanted.eventId;
  if (!entry.event.includes(wanted.entityId)) return false; // most events, without a look at their JSON
  const channel = names.channelOf(entry.channel);
  const event = channel && readMessage(names.kinds, channel, entry.event).event;
  return event !== undefined && entityIds(kind, event.data).includes(wanted.entityId);
}

/** Finds the entry in the log of its own topic, where its position is the one that cursors name. */
async function locate(
  { names, history }: Lookout,
  kind: EventKind,
  stream: string,
  entry: HistoryEntry,
): Promise<FoundEvent | undefined> {
  const channel = names.channelOf(entry.channel);
  if (channel === undefined) return undefined;
  const read = readMessage(names.kinds, channel, entry.event);
  const own = names.streamOf(channel);
  if (own === stream) return { kind, channel, entry, inAll: undefined, read };
  for await (const other of history.newestFirst(own)) {
    if (other.eventId === entry.eventId) return { kind, channel, entry: other, inAll: entry.position, read };
  }
  return { kind, channel, entry, inAll: entry.position, read };
}

/** How far back the logs reach that were looked through. */
export function findReach(lookout: Lookout, wanted: Wanted): Promise<readonly Reach[]> {
  const { names, history } = lookout;
  return Promise.all(
    kindsOf(lookout, wanted)
      .filter(({ kind }) => names.isLogged({ kind, all: 'units' }))
      .map(async ({ kind }) => {
        const oldest = await history.oldest(names.streamOf({ kind, all: 'units' }));
        return { kind, since: oldest?.appendedAt };
      }),
  );
}

/** Looks for an event among the refused messages. Only their beginnings are kept, so an id far down is not found. */
export async function findLetter(
  { history, names }: Lookout,
  wanted: Wanted,
): Promise<KeptLetter | undefined> {
  const id = JSON.stringify('eventId' in wanted ? wanted.eventId : wanted.entityId);
  const written = [id, id.slice(1, -1)].map(escaped).join('|'); // an id may be a number
  const pattern = new RegExp(`"id"\\s*:\\s*(?:${written})\\s*[,}]`);
  for await (const letter of history.deadLetters(names.deadLetters)) {
    const kind = names.channelOf(letter.topic)?.kind;
    if (wanted.kind !== undefined && kind !== wanted.kind) continue;
    if (pattern.test(letter.payload.toString())) return letter;
  }
  return undefined;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
