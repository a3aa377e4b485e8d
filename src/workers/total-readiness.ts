import type { Readiness } from '../health.ts';

/** What one worker says of itself. */
export interface WorkerReadiness {
  readonly number: number;
  readonly readiness: Readiness;
}

/**
 * Whether the server may take traffic: a new connection may reach each worker that listens, so all of those must be ready. A worker
 * that is being replaced takes no connections, and is a warning.
 * @param size how many workers there should be.
 */
export function totalReadiness(listening: readonly WorkerReadiness[], size: number): Readiness {
  if (listening.length === 0) return { ready: false, reason: 'no worker is listening' };
  const reasons = join(listening, ({ ready, reason = 'not ready' }) => (ready ? [] : [reason]));
  const warnings = join(listening, ({ warnings = [] }) => warnings);
  const missing = size - listening.length;
  if (missing > 0) warnings.push(`${missing} of ${size} workers do not listen`);
  return {
    ready: reasons.length === 0,
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
    ...(warnings.length > 0 && { warnings }),
  };
}

/** Each sentence once. If not all workers say it, it begins with those that do. */
function join(
  workers: readonly WorkerReadiness[],
  sentencesOf: (readiness: Readiness) => readonly string[],
): string[] {
  const sayers = new Map<string, number[]>();
  for (const { number, readiness } of workers)
    for (const sentence of sentencesOf(readiness))
      sayers.set(sentence, [...(sayers.get(sentence) ?? []), number]);
  return [...sayers].map(([sentence, numbers]) =>
    numbers.length === workers.length ? sentence : `worker ${numbers.join(', ')}: ${sentence}`,
  );
}
