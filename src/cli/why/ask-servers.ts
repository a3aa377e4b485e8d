import { type Answer, answer, type Question } from '../../transport/presence-messages.ts';
import type { Lookout } from '../lookout.ts';

/** What the processes of an installation answer. */
export interface Answers {
  readonly answers: readonly Answer[];
  /** How many processes received the question; `undefined`: not known, on a Cluster. */
  readonly asked: number | undefined;
}

/** How long processes may take to answer, in milliseconds. */
const PATIENCE_MS = 2000;

/** Asks every process where a user is connected. */
export async function askServers(
  { names, subscribe, publish, redis }: Lookout,
  userId: string,
): Promise<Answers> {
  const question: Question = { id: crypto.randomUUID(), userId };
  const answers: Answer[] = [];
  let asked: number | undefined;
  let finish = (): void => undefined;
  const isComplete = (): boolean => asked !== undefined && answers.length >= asked;
  const subscription = subscribe({ channel: names.answersTo(question.id) }, ({ payload }) => {
    const read = readAnswer(payload);
    if (read !== undefined) answers.push(read);
    if (isComplete()) finish();
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      finish = resolve;
      timer = setTimeout(resolve, PATIENCE_MS);
      subscription.ready
        .then(() => publish(names.questions, JSON.stringify(question)))
        .then((receivers) => {
          asked = redis.isCluster ? undefined : receivers;
          if (isComplete()) resolve();
        })
        .catch(reject);
    });
  } finally {
    clearTimeout(timer);
    subscription.close();
  }
  return { answers, asked };
}

function readAnswer(payload: Buffer): Answer | undefined {
  try {
    return answer.safeParse(JSON.parse(payload.toString())).data;
  } catch {
    return undefined;
  }
}
