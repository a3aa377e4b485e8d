import { median, medianRatio } from './support/statistics.ts';
import type { SystemName } from './systems.ts';

/** All measured values: for each system and figure, one value per round. */
export interface Samples {
  add(system: SystemName, figures: Readonly<Record<string, number>>): void;
  /** `NaN` if it was not measured. */
  median(system: SystemName, figure: string): number;
  worst(system: SystemName, figure: string): number;
  /** The ratio `a : b`. */
  ratio(a: SystemName, b: SystemName, figure: string): number;
  rounds(system: SystemName, figure: string): number;
}

export function createSamples(): Samples {
  const values = new Map<string, number[]>();
  const of = (system: SystemName, figure: string): readonly number[] =>
    values.get(`${system} ${figure}`) ?? [];
  return {
    add(system, figures) {
      for (const [figure, value] of Object.entries(figures)) {
        values.set(`${system} ${figure}`, [...of(system, figure), value]);
      }
    },
    median: (system, figure) => median(of(system, figure)),
    worst: (system, figure) => Math.max(...of(system, figure)),
    ratio: (a, b, figure) => medianRatio(of(a, figure), of(b, figure)),
    rounds: (system, figure) => of(system, figure).length,
  };
}
