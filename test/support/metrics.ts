import type { Addressed } from './clients.ts';

/** The values of `/metrics`, by series: `dms_live_executions_total`, `dms_live_events_delivered_total{kind="crate"}`. */
export async function readMetrics({ url }: Addressed): Promise<ReadonlyMap<string, number>> {
  return parseMetrics(await (await fetch(`${url}/metrics`)).text());
}

export function parseMetrics(text: string): ReadonlyMap<string, number> {
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    series.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

export async function executions(app: Addressed): Promise<number> {
  return (await readMetrics(app)).get('dms_live_executions_total') ?? Number.NaN;
}
