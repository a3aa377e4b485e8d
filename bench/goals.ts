import type { Plan } from './plan.ts';
import type { Samples } from './samples.ts';
import { formatFigure, formatTable } from './support/table.ts';
import type { SystemName } from './systems.ts';

/** A goal of the server: a figure and its bound. */
export interface Goal {
  readonly title: string;
  readonly reached: number;
  readonly bound: number;
  readonly is: 'at most' | 'at least';
  readonly unit: string;
}

/** The longest time that a client may wait for a sign of life, in milliseconds: the servers' own keep-alive interval. */
const KEEP_ALIVE_MS = 12_000;

/** Compares the figures of one run. Only the price of a verification is an absolute time. */
export function listGoals(samples: Samples, { audiences, crowds }: Plan): readonly Goal[] {
  const { median, ratio, worst } = samples;
  const connectBound = 1.3 * median('bare', 'connect.cpu') + median('ours', 'verification');
  const lone = `units.${audiences.units.at(-1)}.cpu`;
  const churned = median('ours', 'churn.late') / median('ours', 'churn.early');
  const goals: readonly Goal[] = [
    atMost(1.15, 'steady: CPU per delivery, to bare `ws`', ratio('ours', 'bare', 'steady.cpu'), '×'),
    atLeast(5, 'steady: stock CPU per delivery, to ours', ratio('stock', 'ours', 'steady.cpu'), '×'),
    atMost(1, 'steady: CPU per delivery, to Centrifugo', ratio('ours', 'centrifugo', 'steady.cpu'), '×'),
    atMost(0.7, 'compression: bytes per delivery, to none', ratio('compressed', 'ours', 'steady.bytes'), '×'),
    atMost(1.1, 'compression: CPU per delivery, to none', ratio('compressed', 'ours', 'steady.cpu'), '×'),
    atLeast(4, 'burst: throughput, to bare `ws`', ratio('bare', 'ours', 'burst.seconds'), '×'),
    atLeast(25, 'burst: throughput, to stock', ratio('stock', 'ours', 'burst.seconds'), '×'),
    atMost(1, 'burst: time, to Centrifugo', ratio('ours', 'centrifugo', 'burst.seconds'), '×'),
    atMost(0, 'burst: sockets lost', worst('ours', 'burst.closed'), ''),
    atMost(KEEP_ALIVE_MS, 'burst: slowest answer to a ping', worst('ours', 'burst.pong'), 'ms'),
    atMost(connectBound, 'connect: 1.3 × bare `ws` + one HS256', median('ours', 'connect.cpu'), 'µs'),
    atMost(400, 'connect: first of a fresh process', median('ours', 'connect.first'), 'µs'),
    atMost(1.3, 'connect: warm, to bare `ws`', ratio('ours', 'bare', 'connect.fifth'), '×'),
    atLeast(
      1.7,
      'connect: one process, to the busier of two workers',
      ratio('ours', 'workers', 'workers.connect'),
      '×',
    ),
    atMost(20, 'memory per subscribed socket', median('ours', 'memory.socket'), 'KB'),
    atMost(1.5, 'an event’s own cost: most units to fewer', growthOfEvents(samples, audiences), '×'),
    atMost(1.25, 'CPU per delivery: largest crowd to 1,000', growthOfDeliveries(samples, crowds.sizes), '×'),
    atMost(1, 'an event that one socket receives: our CPU, to stock', ratio('ours', 'stock', lone), '×'),
    atMost(1.5, 'replay: time, to finished buffers', ratio('ours', 'bare', 'replay.seconds'), '×'),
    atMost(1.1, 'memory after churn, to before', churned, '×'),
    atMost(0, 'deliveries missing', missing(samples, audiences.units, crowds.sizes), ''),
  ];
  return goals.filter(({ reached, bound }) => Number.isFinite(reached) && Number.isFinite(bound));
}

export function describeGoals(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => [
    goal.title,
    `${goal.is} ${formatFigure(goal.bound, goal.unit)}`,
    formatFigure(goal.reached, goal.unit),
    verdict(goal),
  ]);
  return formatTable(['goal', 'bound', 'reached', 'verdict'], rows);
}

function verdict({ is, bound, reached }: Goal): string {
  if (is === 'at most' ? reached <= bound : reached >= bound) return 'met';
  const share = is === 'at most' ? reached / bound : bound / reached;
  return Number.isFinite(share) ? `missed by ${((share - 1) * 100).toFixed(0)} %` : 'missed';
}

function atMost(bound: number, title: string, reached: number, unit: string): Goal {
  return { title, bound, reached, unit, is: 'at most' };
}

function atLeast(bound: number, title: string, reached: number, unit: string): Goal {
  return { title, bound, reached, unit, is: 'at least' };
}

/** With many units, each delivery has its own event. So the cost beside the delivery is the event's own cost. */
function growthOfEvents(samples: Samples, { units, deliveries }: Plan['audiences']): number {
  const costOf = (count: number): number => samples.median('ours', `units.${count}.cpu`);
  const [few = 1] = units;
  const [many = 0, most = 0] = units.slice(-2);
  const eventsOf = (count: number): number => (deliveries * count) / 1000;
  const ownCost = (count: number): number =>
    ((costOf(count) - costOf(few)) * deliveries) / (eventsOf(count) - eventsOf(few));
  return ownCost(most) / ownCost(many);
}

function growthOfDeliveries(samples: Samples, sizes: Plan['crowds']['sizes']): number {
  const most = sizes.at(-1)?.sockets;
  return samples.median('ours', `crowd.${most}.cpu`) / samples.median('ours', 'crowd.1000.cpu');
}

function missing(samples: Samples, units: readonly number[], sizes: Plan['crowds']['sizes']): number {
  const ours: SystemName = 'ours';
  const figures = [
    ...['steady', 'burst', 'slow', 'replay'],
    ...units.map((count) => `units.${count}`),
    ...sizes.map(({ sockets }) => `crowd.${sockets}`),
  ].map((scenario) => `${scenario}.missing`);
  const measured = figures.filter((figure) => samples.rounds(ours, figure) > 0);
  return Math.max(...measured.map((figure) => samples.worst(ours, figure)));
}
