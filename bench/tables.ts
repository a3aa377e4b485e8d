import type { Plan } from './plan.ts';
import type { Samples } from './samples.ts';
import { formatFigure, formatRatio, formatTable } from './support/table.ts';
import { SYSTEM_NAMES, type SystemName, TITLES } from './systems.ts';

/** One line of a table: a figure that every system has. */
interface Figure {
  readonly title: string;
  readonly figure: string;
  readonly unit: string;
}

/** All measurements, as Markdown: each number beside those of its peers. */
export function describeSamples(samples: Samples, plan: Plan): string {
  const { steady, burst, audiences, crowds, memory, slowClients, replay, churn } = plan;
  const events = slowClients.bursts * slowClients.eventsPerBurst;
  const kilobytes = (slowClients.padding / 1000).toFixed(0);
  const sections: readonly (readonly [string, readonly Figure[]])[] = [
    [
      `Steady: ${plan.sockets} sockets on one topic, ${steady.eventsPerSecond} events a second`,
      [
        { title: 'CPU per delivery', figure: 'steady.cpu', unit: 'µs' },
        { title: 'latency, p50', figure: 'steady.p50', unit: 'ms' },
        { title: 'latency, p99', figure: 'steady.p99', unit: 'ms' },
        { title: 'bytes per delivery', figure: 'steady.bytes', unit: 'B' },
      ],
    ],
    [
      `Burst: ${burst.events} events at once to ${plan.sockets} sockets`,
      [
        { title: 'until all is delivered', figure: 'burst.seconds', unit: 's' },
        { title: 'CPU per delivery', figure: 'burst.cpu', unit: 'µs' },
        { title: 'latency, p50', figure: 'burst.p50', unit: 'ms' },
        { title: 'latency, p99', figure: 'burst.p99', unit: 'ms' },
        { title: 'slowest answer to a ping', figure: 'burst.pong', unit: 'ms' },
        { title: 'sockets lost', figure: 'burst.closed', unit: '' },
      ],
    ],
    [
      `Connect, one after another: ${plan.sockets} sockets at a time, on a process that has just started`,
      [
        { title: 'CPU per connection, the first thousand', figure: 'connect.first', unit: 'µs' },
        { title: 'CPU per connection, the fifth thousand', figure: 'connect.fifth', unit: 'µs' },
      ],
    ],
    [
      `Connect storm: ${plan.sockets} sockets connect, sign in and subscribe`,
      [{ title: 'CPU per connection', figure: 'connect.cpu', unit: 'µs' }],
    ],
    [
      `Workers: the CPU time of the busiest process, with ${plan.sockets} sockets on one topic`,
      [
        { title: 'connect storm, per connection of all', figure: 'workers.connect', unit: 'µs' },
        { title: 'per delivery of all', figure: 'workers.delivery', unit: 'µs' },
      ],
    ],
    [
      'Memory',
      [
        {
          title: `per subscribed socket, from ${memory.from} to ${memory.to}`,
          figure: 'memory.socket',
          unit: 'KB',
        },
        { title: `per subscribed socket, the first ${memory.from}`, figure: 'memory.first', unit: 'KB' },
        { title: 'of a server just started', figure: 'memory.empty', unit: 'MB' },
      ],
    ],
    [
      `Audiences: ${audiences.deliveries} deliveries to ${plan.sockets} sockets, spread over units`,
      audiences.units.map((units) => ({
        title: `${units} ${units === 1 ? 'unit' : 'units'}: CPU per delivery`,
        figure: `units.${units}.cpu`,
        unit: 'µs',
      })),
    ],
    [
      'Crowds: more and more sockets on one topic',
      crowds.sizes.flatMap(({ sockets }) => [
        { title: `${sockets}: CPU per event`, figure: `crowd.${sockets}.event`, unit: 'ms' },
        { title: `${sockets}: CPU per delivery`, figure: `crowd.${sockets}.cpu`, unit: 'µs' },
        { title: `${sockets}: latency, p99`, figure: `crowd.${sockets}.p99`, unit: 'ms' },
      ]),
    ],
    [
      `Slow clients: ${slowClients.slow} of ${plan.sockets} sockets stop reading; ${events} events of ${kilobytes} KB in bursts`,
      [
        { title: 'latency of the others, p99', figure: 'slow.p99', unit: 'ms' },
        { title: 'the same while all still read', figure: 'slow.p99.before', unit: 'ms' },
        { title: 'resident memory, at its peak', figure: 'slow.peak', unit: 'MB' },
        { title: 'the same while all still read', figure: 'slow.peak.before', unit: 'MB' },
        { title: 'deliveries missed by the others', figure: 'slow.missing', unit: '' },
      ],
    ],
    [
      `Replay: ${replay.clients} clients resume on a server just started, each after missing ${replay.events} events`,
      [
        { title: 'range reads of Redis', figure: 'replay.reads', unit: '' },
        { title: 'until every client has all events', figure: 'replay.seconds', unit: 's' },
        { title: 'CPU per delivery', figure: 'replay.cpu', unit: 'µs' },
        { title: 'bytes per delivery', figure: 'replay.bytes', unit: 'B' },
        { title: 'more resident memory afterwards', figure: 'replay.memory', unit: 'MB' },
        { title: 'sockets lost', figure: 'replay.closed', unit: '' },
        { title: 'deliveries missing', figure: 'replay.missing', unit: '' },
      ],
    ],
    [
      `Churn: ${churn.sockets} sockets at a time connect, subscribe and leave, for ${churn.minutes} minutes`,
      [
        { title: 'sockets in all', figure: 'churn.sockets', unit: '' },
        { title: 'resident memory, early', figure: 'churn.early', unit: 'MB' },
        { title: 'resident memory, at the end', figure: 'churn.late', unit: 'MB' },
      ],
    ],
  ];
  return sections
    .filter(([, figures]) =>
      figures.some(({ figure }) => SYSTEM_NAMES.some((name) => samples.rounds(name, figure) > 0)),
    )
    .map(([title, figures]) => `### ${title}\n\n${describe(samples, figures)}\n`)
    .join('\n');
}

const ALWAYS: ReadonlySet<SystemName> = new Set(['ours', 'bare', 'stock']);

function describe(samples: Samples, figures: readonly Figure[]): string {
  // Not all take part everywhere: Centrifugo, for example, only where its binary is given.
  const systems = SYSTEM_NAMES.filter(
    (name) => ALWAYS.has(name) || figures.some(({ figure }) => samples.rounds(name, figure) > 0),
  );
  const head = ['median', ...systems.map((name) => TITLES[name]), 'ours : bare', 'stock : ours'];
  const rows = figures.map(({ title, figure, unit }) => [
    title,
    ...systems.map((name) => formatFigure(samples.median(name, figure), unit)),
    formatRatio(samples.ratio('ours', 'bare', figure)),
    formatRatio(samples.ratio('stock', 'ours', figure)),
  ]);
  return formatTable(head, rows);
}
