/** Tells which of two things came first, which the computer's clock may not. Moments are numbers that only grow, from 1. */
export interface Clock {
  tick(): number;
}

export function createClock(): Clock {
  let moment = 0;
  return {
    tick() {
      moment += 1;
      return moment;
    },
  };
}
