/**
 * Readers of settings. zod is not used here: an operator needs every fault in one list and in plain words ("PORT must be a whole number
 * from 0 to 65535."), so each reader would be a transform with a message of its own, and as long as it is now.
 */

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads settings one by one; what is wrong with them is gathered in `faults`. */
export function createReader(environment: Environment, faults: string[]) {
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined;
  return {
    text,
    fault: (message: string): void => void faults.push(message),
    integer(name: string, standard: number, least: number, most: number): number {
      const written = text(name);
      if (written === undefined) return standard;
      const value = /^\d+$/.test(written) ? Number(written) : Number.NaN;
      if (value >= least && value <= most) return value;
      faults.push(`${name} must be a whole number from ${least} to ${most}.`);
      return standard;
    },
    flag(name: string, standard: boolean): boolean {
      const written = text(name)?.toLowerCase();
      if (written === undefined) return standard;
      if (['true', '1', 'on', 'yes'].includes(written)) return true;
      if (!['false', '0', 'off', 'no'].includes(written)) faults.push(`${name} must be true or false.`);
      return false;
    },
    /** Comma-separated. */
    list(name: string, standard: readonly string[]): readonly string[] {
      const items = text(name)?.split(',');
      return items?.map((item) => item.trim()).filter((item) => item !== '') ?? standard;
    },
    matching(name: string, standard: string, pattern: RegExp, rule: string): string {
      const written = text(name) ?? standard;
      if (!pattern.test(written)) faults.push(`${name} must be ${rule}.`);
      return written;
    },
    choice<Choice extends string>(name: string, standard: Choice, choices: readonly Choice[]): Choice {
      const written = text(name);
      const choice = written === undefined ? standard : choices.find((known) => known === written);
      if (choice === undefined) faults.push(`${name} must be one of ${choices.join(', ')}.`);
      return choice ?? standard;
    },
  };
}

export type Reader = ReturnType<typeof createReader>;
