import { Boxes, ChartColumn, type LucideIcon, ScrollText, Stamp, Warehouse } from 'lucide-react';
import type { Screen } from '../place/place.ts';

export const SCREEN_TITLES: Readonly<Record<Screen, string>> = {
  requests: 'Requests',
  crates: 'Crates',
  storage: 'Storage',
  audit: 'Audit',
  dashboard: 'Dashboard',
};

export const SCREEN_ICONS: Readonly<Record<Screen, LucideIcon>> = {
  requests: Stamp,
  crates: Boxes,
  storage: Warehouse,
  audit: ScrollText,
  dashboard: ChartColumn,
};
