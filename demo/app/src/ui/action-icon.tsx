import {
  ArrowDownLeft,
  ArrowLeftRight,
  ArrowUpRight,
  CheckCheck,
  CircleCheck,
  CircleX,
  FilePen,
  FilePlus2,
  type LucideIcon,
  MapPin,
  PackageCheck,
  PackageOpen,
  PenLine,
  RefreshCw,
  Trash2,
  Undo2,
} from 'lucide-react';

interface Look {
  readonly icon: LucideIcon;
  readonly colour: string;
}

const LOOKS: Readonly<Record<string, Look>> = {
  APPROVED: { icon: CircleCheck, colour: 'text-tone-blue' },
  REJECTED: { icon: CircleX, colour: 'text-danger' },
  SENT_BACK: { icon: Undo2, colour: 'text-tone-rust' },
  STORAGE_ALLOCATED: { icon: MapPin, colour: 'text-tone-teal' },
  RELOCATED: { icon: ArrowLeftRight, colour: 'text-tone-teal' },
  ISSUED: { icon: PackageOpen, colour: 'text-tone-violet' },
  RETURNED: { icon: PackageCheck, colour: 'text-tone-teal' },
  COMPLETED: { icon: CheckCheck, colour: 'text-ink-soft' },
  CREATED: { icon: FilePlus2, colour: 'text-ink-soft' },
  UPDATED: { icon: FilePen, colour: 'text-ink-soft' },
  STATUS_CHANGED: { icon: RefreshCw, colour: 'text-ink-soft' },
  MOVED_OUT: { icon: ArrowUpRight, colour: 'text-tone-rust' },
  MOVED_IN: { icon: ArrowDownLeft, colour: 'text-ink-soft' },
  DELETED: { icon: Trash2, colour: 'text-danger' },
};

const OTHER: Look = { icon: PenLine, colour: 'text-ink-soft' };

/** One sign for each action, the same on every screen. The words beside it say what it means. */
export function ActionIcon({ action }: { readonly action: string }) {
  const { icon: Icon, colour } = LOOKS[action] ?? OTHER;
  return <Icon aria-hidden className={`size-4 shrink-0 ${colour}`} />;
}
