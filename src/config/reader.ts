/**
 * Readers of settings. zod is not used here: an operator needs every fault in one list and in plain words ("PORT must be a whole number
 * from 0 to 65535."), so each reader would be a transform with a message of its own, and as long as it is now.
 */

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a setting is if it is not set; `undefined`: nothing. */
export type Default = string | number | boolean | readonly string[] | undefined;

/** Reads settings one by one; what is wrong with them is gathered in `faults`. */
export function createReader(environment: Environment, faults: string[]) {
  /** Every setting that was asked for, set or not, with its default. */
  const settings = new Map<string, Default>();
  function find(name: string, standard: Default): string | undefined {
    settings.set(name, standard);
    return environment[name]?.trim() || undefined;
  }
  return {
    settings: settings as ReadonlyMap<string, Default>,
    fault: (message: string): void => void faults.push(message),
    text: (name: string): string | undefined => find(name, undefined),
    textOr: (name: string, standard: string): string => find(name, standard) ?? standard,
    integer<Standard extends number | undefined>(
      name: string,
      standard: Standard,
      least: number,
      most: number,
    ): number | Standard {
      const written = find(name, standard);
      if (written === undefined) return standard;
      const value = /^\d+$/.test(written) ? Number(written) : Number.NaN;
      if (value >= least && value <= most) return value;
      faults.push(`${name} must be a whole number from ${least} to ${most}.`);
      return standard;
    },
    flag(name: string, standard: boolean): boolean {
      const written = find(name, standard)?.toLowerCase();
      if (written === undefined) return standard;
      if (['true', '1', 'on', 'yes'].includes(written)) return true;
      if (!['false', '0', 'off', 'no'].includes(written)) faults.push(`${name} must be true or false.`);
      return false;
    },
    /** Comma-separated. */
    list(name: string, standard: readonly string[]): readonly string[] {
      const items = find(name, standard)?.split(',');
      return items?.map((item) => item.trim()).filter((item) => item !== '') ?? standard;
    },
    matching(name: string, standard: string, pattern: RegExp, rule: string): string {
      const written = find(name, standard) ?? standard;
      if (!pattern.test(written)) faults.push(`${name} must be ${rule}.`);
      return written;
    },
    choice<Choice extends string>(name: string, standard: Choice, choices: readonly Choice[]): Choice {
      const written = find(name, standard);
      const choice = written === undefined ? standard : choices.find((known) => known === written);
      if (choice === undefined) faults.push(`${name} must be one of ${choices.join(', ')}.`);
      return choice ?? standard;
    },
  };
}

export type Reader = ReturnType<typeof createReader>;
