import { expect, test } from 'vitest';
import type { Hub } from '../../src/topics/hub.ts';
import type { TopicListener } from '../../src/topics/listeners.ts';
import { openTopicSource } from '../../src/topics/topic-source.ts';

const KIND = 'storage';

/** A source that keeps this many events for a reader that is not there yet, and what its topic sends it. */
async function openSource(maxWaiting: number) {
  let listener: TopicListener | undefined;
  let closed = 0;
  const open: Hub['open'] = (_topic, listens) => {
    listener = listens;
    const close = (): void => {
      closed += 1;
    };
    const none = () => Promise.reject(new Error('no log'));
    return { ready: Promise.resolve(), newest: undefined, start: undefined, replay: none, past: none, close };
  };
  const hub: Hub = { open, openTopics: 1, close: () => undefined };
  const topic = { kind: KIND, unitId: '5' };
  const source = await openTopicSource({ kind: KIND, topic }, { hub, maxWaiting, signal: undefined });
  return {
    source,
    closed: () => closed,
    publish: (id: string) =>
      listener?.onEvent({ event: { kind: KIND, data: { id }, time: null }, offset: 0, cursor: undefined }),
  };
}

test('events wait for their reader up to a limit; beyond it the reader gets an error, and the topic is closed', async () => {
  const { source, publish, closed } = await openSource(2);
  for (const id of ['1', '2', '3']) publish(id);
  const got: unknown[] = [];
  source.events.pushTo({
    take: ({ data }) => void got.push(data.id),
    end: () => undefined,
    fail: (error) => got.push(error),
  });
  expect(got).toEqual([expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' })]);
  expect(closed()).toBe(1);
});

test('no event waits for a receiver that takes each at once, however many come', async () => {
  const { source, publish } = await openSource(1);
  const got: string[] = [];
  const fail = (error: unknown): never => {
    throw error;
  };
  source.events.pushTo({ take: ({ data }) => void got.push(data.id), end: () => undefined, fail });
  const ids = Array.from({ length: 100 }, (_, at) => `${at}`);
  for (const id of ids) publish(id);
  expect(got).toEqual(ids);
});
