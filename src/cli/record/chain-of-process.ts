import { type Chain, splitLine } from '../../record/chain.ts';
import { type Finding, fault, note, warning } from '../finding.ts';
import type { Anchor } from './anchors.ts';
import { followLinks, type PlacedLine, whereIs } from './links.ts';
import { createRanges, describeRange, holesIn, type Range, sizeOf } from './ranges.ts';

/** Checks the chain of one process. Its lines may be in several files, and among lines of others. */
export interface ChainOfProcess {
  add(placed: PlacedLine): void;
  /** Call it when all lines are read. */
  finish(): void;
}

export interface ChainOptions {
  readonly process: string;
  readonly chain: Chain;
  /** `undefined`: nobody has asked whether it was anchored. */
  readonly anchors: readonly Anchor[] | undefined;
  /** Takes what is wrong. */
  report(finding: Finding): void;
}

export function followChain({ process, chain, anchors, report }: ChainOptions): ChainOfProcess {
  const seqs = createRanges();
  const anchored = new Map((anchors ?? []).map(({ seq }) => [seq, [] as Anchor[]]));
  for (const anchor of anchors ?? []) anchored.get(anchor.seq)?.push(anchor);
  /** How many lines the log itself says that it lost. */
  let lost = 0;
  let closed: number | undefined;
  let unchained = 0;
  const bad = (at: string, seq: number, says: string): void =>
    report(fault(at, `${process}, line ${seq}: ${says}`));
  const links = followLinks(bad);

  return {
    add(placed) {
      const { seq, event, count = 0, reason } = placed.line;
      const at = whereIs(placed);
      const split = splitLine(placed.text);
      const hash = split?.hash ?? '';
      if (event === 'log.closed') closed = seq;
      if (event === 'gap' && reason === 'destination') lost += count;
      if (!seqs.add(seq)) bad(at, seq, 'inserted: there is another line of this number');
      else if ((seq === 1) !== (event === 'log.opened')) bad(at, seq, 'altered: only line 1 opens a log');
      if (split === undefined) unchained += 1;
      else if (chain.hash(split.body) !== hash) bad(at, seq, 'altered: its hash is not of what it says');
      for (const anchor of anchored.get(seq) ?? [])
        if (anchor.hash !== hash) bad(at, seq, `altered: another line was anchored at ${anchor.at}`);
      links.add(placed, hash);
    },
    finish() {
      if (unchained > 0)
        report(fault(process, `${unchained} of its lines have no hash: altered, or of an earlier version`));
      links.finish();
      const last = seqs.all.at(-1)?.last ?? 0;
      const newest = anchors?.at(-1);
      const isCutOff = newest !== undefined && newest.seq > last;
      for (const finding of [
        ...findHoles(process, seqs.all, lost),
        ...(isCutOff ? [] : findEnd(process, last, closed)),
        ...(anchors === undefined ? [] : compareAnchors(process, last, newest)),
      ])
        report(finding);
    },
  };
}

function* findHoles(process: string, seqs: readonly Range[], lost: number): Generator<Finding> {
  const first = seqs[0]?.first ?? 1;
  if (first > 1)
    yield warning(
      process,
      `its lines 1 to ${first - 1} are not here: cut off, or in older files`,
      'add the older files',
    );
  const holes = holesIn(seqs);
  const missing = sizeOf(holes);
  if (missing === 0) return;
  const which = `its lines ${holes.map(describeRange).join(', ')} are not here`;
  const said = lost > 0 ? `; it says itself that it could not write ${lost}` : '';
  yield missing === lost
    ? warning(process, `${which}${said}`)
    : fault(process, `${which}: removed, or replaced by something else${said}`);
}

function* findEnd(process: string, last: number, closed: number | undefined): Generator<Finding> {
  if (closed === undefined)
    yield note(process, `no end: after line ${last} it runs, was killed, or was cut off`);
  else if (last > closed) yield fault(process, `it has lines after its end, line ${closed}`);
}

function* compareAnchors(process: string, last: number, newest: Anchor | undefined): Generator<Finding> {
  if (newest === undefined)
    yield warning(
      process,
      'nothing of it was anchored: it was invented, or its anchors are not in the export',
    );
  else if (newest.seq > last)
    yield fault(
      process,
      `its lines ${last + 1} to ${newest.seq} are not here: cut off; they were written at ${newest.at}`,
    );
  else if (last > newest.seq)
    yield note(
      process,
      `its lines ${newest.seq + 1} to ${last} are newer than its last anchor: only the chain vouches for them`,
    );
}
