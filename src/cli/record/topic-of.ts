import type { Topic, TopicNames } from '../../events/topic-names.ts';

/** The topic by its name: a channel, or the pattern of the channels of all units. */
export function topicOf(names: TopicNames, name: string): Topic | undefined {
  for (const { kind } of names.kinds.values())
    if (names.nameOf({ kind, all: 'units' }).pattern === name) return { kind, all: 'units' };
  return names.channelOf(name);
}
