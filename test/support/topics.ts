import type { Retention } from '../../src/bus/bus.ts';
import type { Channel } from '../../src/events/topic-names.ts';
import { dmsNames } from './domain.ts';

export const names = dmsNames();
export const UNIT: Channel = { kind: 'storage', unitId: '5' };
export const OTHER_UNIT: Channel = { kind: 'storage', unitId: '7' };
export const UNIT_STREAM = names.streamOf(UNIT);
export const ALL_STREAM = names.streamOf({ kind: 'storage', all: 'units' });

export const KEEP: Retention = { events: 1000, seconds: 3600 };

export const numbers = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => `${first + at}`);
