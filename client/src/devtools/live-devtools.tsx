'use client';

import { type ReactElement, useEffect, useId, useRef, useState } from 'react';
import { StatusTable, SubscriptionTable } from './connection-tables.tsx';
import { EventTable, OwedTable } from './event-tables.tsx';
import { BUTTON, FLOATING, PANEL, TOOL } from './styles.ts';
import { type Inspection, useInspection } from './use-inspection.ts';

export interface LiveDevtoolsProps {
  /** Default: what the user's system prefers. */
  readonly theme?: 'light' | 'dark';
}

/**
 * For development: a button that opens a panel of events, of what became of them in each query and why, of the connection, and of
 * fetches that are owed. It belongs below `LiveProvider` and `QueryClientProvider`, and records while it is mounted, also while it is
 * closed. It keeps ids and reasons of the last 100 events, and not what they say.
 */
export function LiveDevtools({ theme }: LiveDevtoolsProps): ReactElement {
  const inspection = useInspection();
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
        style={{ ...BUTTON, colorScheme: theme ?? 'light dark' }}
      >
        Live devtools: {inspection.statuses[0]?.phase}
      </button>
      {isOpen && <FloatingPanel id={id} inspection={inspection} theme={theme} onClose={close} />}
    </>
  );
}

/** The panel alone, for a place that shows it: a plugin of TanStack Devtools, say. */
export function LiveDevtoolsPanel({ theme }: LiveDevtoolsProps): ReactElement {
  const inspection = useInspection();
  return (
    <section aria-label="Live devtools" style={{ ...PANEL, colorScheme: theme ?? 'light dark' }}>
      <button type="button" onClick={inspection.clear} style={TOOL}>
        Clear events
      </button>
      <Tables inspection={inspection} />
    </section>
  );
}

interface FloatingPanelProps {
  readonly id: string;
  readonly inspection: Inspection;
  readonly theme: LiveDevtoolsProps['theme'];
  onClose(): void;
}

/** Escape closes it. */
function FloatingPanel({ id, inspection, theme, onClose }: FloatingPanelProps): ReactElement {
  const closeButton = useRef<HTMLButtonElement>(null);
  useEffect(() => closeButton.current?.focus(), []);
  return (
    <div
      id={id}
      role="dialog"
      aria-label="Live devtools"
      onKeyDown={({ key }) => key === 'Escape' && onClose()}
      style={{ ...FLOATING, colorScheme: theme ?? 'light dark' }}
    >
      <button ref={closeButton} type="button" onClick={onClose} style={TOOL}>
        Close
      </button>
      <button type="button" onClick={inspection.clear} style={TOOL}>
        Clear events
      </button>
      <Tables inspection={inspection} />
    </div>
  );
}

function Tables({ inspection }: { readonly inspection: Inspection }): ReactElement {
  const { statuses, subscriptions, events, owed, unknownKeys } = inspection;
  return (
    <>
      <EventTable events={events} unknownKeys={unknownKeys} />
      <OwedTable owed={owed} events={events} />
      <SubscriptionTable subscriptions={subscriptions} />
      <StatusTable statuses={statuses} />
    </>
  );
}
