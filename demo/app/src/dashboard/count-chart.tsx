import { Bar, BarChart, Cell, LabelList, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import type { Tone } from '../ui/badge.tsx';
import { Panel } from './panel.tsx';

export interface Count {
  readonly name: string;
  readonly count: number;
  readonly tone: Tone;
}

interface CountChartProps {
  readonly title: string;
  /** `undefined` or `null`: not known. */
  readonly counts: readonly Count[] | null | undefined;
}

/** In pixels. */
const BAR = 30;
const LABELS = 84;
const ROOM_FOR_NUMBER = 32;
/** How many bars stand in for those that are on their way. */
const USUAL_BARS = 4;
/** The scale grows in steps, so that not all bars change their length with each number. */
const STEP = 5;

/** Bars with their numbers; the same as a table for those who do not see them. */
export function CountChart({ title, counts }: CountChartProps) {
  const data = counts ?? [];
  return (
    <Panel title={title}>
      <div className="px-4" style={{ height: BAR * (data.length || USUAL_BARS) }}>
        <table className="sr-only">
          <caption>{title}</caption>
          <tbody>
            {data.map(({ name, count }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <div aria-hidden className="h-full">
          <Bars data={data} />
        </div>
      </div>
    </Panel>
  );
}

function Bars({ data }: { readonly data: readonly Count[] }) {
  const most = Math.max(1, ...data.map(({ count }) => count));
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart
        data={[...data]}
        layout="vertical"
        accessibilityLayer={false}
        margin={{ top: 0, right: ROOM_FOR_NUMBER, bottom: 0, left: 0 }}
      >
        <XAxis type="number" hide domain={[0, Math.ceil(most / STEP) * STEP]} />
        <YAxis
          type="category"
          dataKey="name"
          width={LABELS}
          axisLine={{ stroke: 'var(--line-strong)' }}
          tickLine={false}
          interval={0}
          tick={{ fill: 'var(--ink-soft)', fontSize: 12, textAnchor: 'start', dx: 8 - LABELS }}
        />
        <Bar dataKey="count" barSize={16} radius={[0, 2, 2, 0]} minPointSize={1} isAnimationActive={false}>
          {data.map(({ name, tone }) => (
            <Cell key={name} fill={`var(--tone-${tone})`} />
          ))}
          <LabelList dataKey="count" position="right" fill="var(--ink)" fontSize={12} />
        </Bar>
      </BarChart>
    </ResponsiveContainer>
  );
}
