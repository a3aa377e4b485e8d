/** What soaks share: the people of some units, what is published for them, and lines that say how it goes. */
import { type EventName, interestIn } from '../../faults/support/recording.ts';
import type { RecordingClient, Route } from '../../faults/support/recording-client.ts';
import type { RecordingPublisher, TopicName } from '../../faults/support/recording-publisher.ts';
import { recordSocket } from '../../faults/support/socket-client.ts';
import { recordStream } from '../../faults/support/stream-client.ts';
import { tokenOf } from '../../faults/support/world.ts';

/** The people of each unit follow this kind, by their sockets, and crates, by sockets and streams. */
export interface Crowd {
  readonly units: readonly string[];
  readonly kind: EventName;
  readonly socketsPerUnit: number;
  readonly streamsPerUnit: number;
}

export async function recordCrowd(route: Route, crowd: Crowd): Promise<RecordingClient[]> {
  const { units, kind, socketsPerUnit, streamsPerUnit } = crowd;
  const clients: RecordingClient[] = [];
  for (const unit of units) {
    const token = await tokenOf(unit);
    for (let index = 0; index < socketsPerUnit; index += 1)
      clients.push(recordSocket(route, token, [interestIn(kind, unit), interestIn('crate', unit)]));
    for (let index = 0; index < streamsPerUnit; index += 1)
      clients.push(recordStream(route, token, interestIn('crate', unit)));
  }
  return clients;
}

export const topicsOf = ({ units, kind }: Crowd): readonly TopicName[] =>
  units.flatMap((unit) => [
    { kind, unit },
    { kind: 'crate', unit },
  ]);

export const countPublished = (publisher: RecordingPublisher, topics: readonly TopicName[]): number =>
  topics.reduce((sum, { kind, unit }) => sum + publisher.published(kind, unit), 0);

export const say = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);
