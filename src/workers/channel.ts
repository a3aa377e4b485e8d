import { EventEmitter, once } from 'node:events';

/** One end of Node's channel between two processes: `process`, or a worker of `node:cluster`. */
export interface ChannelEnd {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  send?(message: object, callback: (error: Error | null) => void): boolean;
}

/** What one process may ask the other, by name. */
export type Answers = Readonly<Record<string, () => unknown>>;

/** Questions and answers between the supervisor and a worker. */
export interface Channel {
  /**
   * Resolves with the answer.
   * @throws when none comes within the time: the other process is busy, stuck or gone.
   */
  ask<Answer>(question: string, withinMs?: number): Promise<Answer>;
  /** Says something that needs no answer. Resolves when it is written, or cannot be. */
  say(news: string, details?: unknown): Promise<void>;
}

/** How long an answer may take, in milliseconds. A probe that waits for longer is given up by those who ask. */
const PATIENCE_MS = 2000;

interface Message {
  readonly ask?: string;
  readonly answer?: unknown;
  readonly say?: string;
  readonly details?: unknown;
  readonly id?: number;
}

/**
 * @param answers what this process answers.
 * @param handlers what it does about news.
 */
export function openChannel(
  end: ChannelEnd,
  answers: Answers,
  handlers: Readonly<Record<string, (details: unknown) => void>>,
): Channel {
  const answered = new EventEmitter();
  let lastId = 0;
  // A message that cannot be sent is no fault: the other process has ended, and its end is seen elsewhere.
  const send = (message: Message): Promise<void> =>
    new Promise((resolve) => {
      if (end.send === undefined) return resolve();
      end.send(message, () => resolve());
    });

  end.on('message', async (received) => {
    const { ask, answer, say, details, id = 0 } = received as Message; // the other end is this file, too
    if (say !== undefined) handlers[say]?.(details);
    else if (ask !== undefined) void send({ id, answer: await answers[ask]?.() });
    else answered.emit(`${id}`, answer);
  });

  return {
    async ask<Answer>(question: string, withinMs = PATIENCE_MS) {
      lastId += 1;
      const id = lastId;
      const waiting = once(answered, `${id}`, { signal: AbortSignal.timeout(withinMs) });
      void send({ ask: question, id });
      const [answer] = await waiting.catch(() => {
        throw new Error('no answer');
      });
      return answer as Answer; // as both ends agree on it
    },
    say: (news, details) => send({ say: news, details }),
  };
}
