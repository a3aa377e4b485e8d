/** Whole numbers in few ranges, such as the numbers of a process's lines. */
export interface Ranges {
  /** Returns `false` if it was there before. */
  add(number: number): boolean;
  /** The ranges, in order. They do not touch each other. */
  readonly all: readonly Range[];
}

export interface Range {
  first: number;
  last: number;
}

export function createRanges(): Ranges {
  const all: Range[] = [];
  return {
    all,
    add(number) {
      // Numbers come nearly in order, so the search begins at the end.
      let at = all.length - 1;
      while (at >= 0 && (all[at]?.first ?? 0) > number) at -= 1;
      const before = all[at];
      const after = all[at + 1];
      if (before !== undefined && number <= before.last) return false;
      const isNext = before?.last === number - 1;
      const isPrevious = after?.first === number + 1;
      if (isNext && isPrevious) {
        before.last = after.last;
        all.splice(at + 1, 1);
      } else if (isNext) before.last = number;
      else if (isPrevious) after.first = number;
      else all.splice(at + 1, 0, { first: number, last: number });
      return true;
    },
  };
}

/** The ranges that are missing between others. */
export function holesIn(ranges: readonly Range[]): readonly Range[] {
  return ranges
    .slice(1)
    .map(({ first }, index) => ({ first: (ranges[index]?.last ?? 0) + 1, last: first - 1 }));
}

/** How many numbers are in some ranges. */
export const sizeOf = (ranges: readonly Range[]): number =>
  ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);

/** For people: `17`, or `17 to 23`. */
export const describeRange = ({ first, last }: Range): string =>
  first === last ? `${first}` : `${first} to ${last}`;
