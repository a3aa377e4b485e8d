/** Reports what a function of the app has thrown. */
export type ReportFault = (name: string, error: unknown) => void;

/** Writes to the console, once for each function: what it throws is thrown again for every event. */
export function createFaultReporter(advice: string): ReportFault {
  const named = new Set<string>();
  return (name, error) => {
    if (named.has(name)) return;
    named.add(name);
    // biome-ignore lint/suspicious/noConsole: the function is the app's, and the error would be lost.
    console.error(
      `dms-live-react: \`${name}\` threw, so the queries that it is for are fetched instead. ${advice}`,
      error,
    );
  };
}
