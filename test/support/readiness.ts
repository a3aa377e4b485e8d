import type { Addressed } from './clients.ts';
import { until } from './redis.ts';

/** The answer to `/ready`. */
export interface ReadyAnswer {
  readonly status: number;
  readonly reason: string;
  readonly warnings: readonly string[];
}

export async function readReadiness({ url }: Addressed): Promise<ReadyAnswer> {
  const response = await fetch(`${url}/ready`);
  const { reason = '', warnings = [] } = (await response.json()) as Partial<ReadyAnswer>;
  return { status: response.status, reason, warnings };
}

/** Waits until `/ready` has this status. Returns its answer. */
export async function untilReady(app: Addressed, status = 200): Promise<ReadyAnswer> {
  let answer = await readReadiness(app);
  await until(async () => {
    answer = await readReadiness(app);
    return answer.status === status;
  });
  return answer;
}

/** Waits until a warning of `/ready` matches. Without a pattern it waits until there are no warnings. */
export async function untilWarned(app: Addressed, pattern?: RegExp): Promise<ReadyAnswer> {
  let answer = await readReadiness(app);
  await until(async () => {
    answer = await readReadiness(app);
    const { warnings } = answer;
    return pattern === undefined ? warnings.length === 0 : warnings.some((warning) => pattern.test(warning));
  });
  return answer;
}
