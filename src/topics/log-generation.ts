import type { Bus } from '../bus/bus.ts';

/**
 * The generation of a log: it differs for each life of Redis' data, so that the cursor of an empty log shows whether anything was
 * ever in it.
 */
export interface LogGeneration {
  /**
   * Asks the bus for the generation, and proposes one if there is none. While the bus refuses to write, cursors carry the proposed
   * one. If it is agreed upon later, those cursors are valid; otherwise they have expired.
   */
  find(): Promise<string>;
  /** Whether the generation that was found last is only proposed. */
  readonly isProposed: boolean;
}

/** @param key the key that holds the generation. */
export function createLogGeneration(bus: Pick<Bus, 'agree'>, key: string): LogGeneration {
  let proposal = crypto.randomUUID();
  let isProposed = false;
  return {
    async find() {
      const agreed = await bus.agree(key, proposal);
      isProposed = agreed === undefined;
      if (agreed === undefined) return proposal;
      proposal = crypto.randomUUID(); // a Redis that lost its data must not get the same one again
      return agreed;
    },
    get isProposed() {
      return isProposed;
    },
  };
}
