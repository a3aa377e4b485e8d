import type { ReactElement, ReactNode } from 'react';
import { CAPTION, CELL, TABLE } from './styles.ts';

interface TableProps {
  readonly caption: string;
  readonly headers: readonly string[];
  /** Each with a key and its cells. */
  readonly rows: readonly { readonly key: string | number; readonly cells: readonly ReactNode[] }[];
  /** What is shown instead of rows. */
  readonly empty: string;
}

export function Table({ caption, headers, rows, empty }: TableProps): ReactElement {
  return (
    <table style={TABLE}>
      <caption style={CAPTION}>{caption}</caption>
      <thead>
        <tr>
          {headers.map((header) => (
            <th key={header} scope="col" style={CELL}>
              {header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.length === 0 && (
          <tr>
            <td colSpan={headers.length} style={CELL}>
              {empty}
            </td>
          </tr>
        )}
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {headers.map((header, index) => (
              <td key={header} style={CELL}>
                {cells[index]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export const timeOf = (ms: number): string => new Date(ms).toLocaleTimeString();
