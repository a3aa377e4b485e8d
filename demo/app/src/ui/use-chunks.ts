import type { SteadyRow } from 'dms-live-react';
import { useEffect, useRef } from 'react';
import type { Id } from '../api/rows.ts';
import { type Chunk, chunkRows } from './row-chunks.ts';

interface Chunks<Row> {
  readonly chunks: readonly Chunk<Row>[];
  /** The ids of all rows: the same text as long as no row comes, goes or moves. */
  readonly order: string;
}

/** Rows of a list in chunks, see {@link chunkRows}. */
export function useChunks<Row extends { readonly id: Id }>(
  rows: readonly SteadyRow<Row>[],
  list: string,
): Chunks<Row> {
  const last = useRef<{ readonly list: string; readonly chunks: readonly Chunk<Row>[] }>(undefined);
  const chunks = chunkRows(last.current?.list === list ? last.current.chunks : [], rows);
  useEffect(() => {
    last.current = { list, chunks };
  });
  return { chunks, order: rows.map(({ row }) => row.id).join() };
}
