import type { Bus, Retention } from '../bus/bus.ts';
import { messageOf } from '../errors.ts';
import type { TopicNames } from '../events/topic-names.ts';
import type { Logger } from '../log.ts';

/** How often the settings are written, in milliseconds, and for how many seconds they stay. */
const NOTE_MS = 60_000;
const NOTE_S = 180;

export interface SettingsNoteOptions {
  readonly bus: Pick<Bus, 'write'>;
  readonly names: Pick<TopicNames, 'settings'>;
  readonly retention: Retention;
  readonly roleClasses: { readonly ADMIN: readonly string[]; readonly AUDITOR: readonly string[] };
  readonly log: Logger;
}

/**
 * Writes the settings that publishers must have alike into Redis, so that a publisher's operator can compare them. Nothing reads
 * them to deliver events, so a failure is no trouble.
 * @returns how to stop.
 */
export function noteSettings({ bus, names, retention, roleClasses, log }: SettingsNoteOptions): () => void {
  const note = JSON.stringify({
    historyEvents: retention.events,
    historySeconds: retention.seconds,
    adminRoles: roleClasses.ADMIN,
    auditRoles: roleClasses.AUDITOR,
  });
  const write = (): void => {
    bus.write(names.settings, note, NOTE_S).catch((error: unknown) => {
      log.debug({ reason: messageOf(error) }, 'could not note the settings for publishers');
    });
  };
  const timer = setInterval(write, NOTE_MS);
  write();
  return () => clearInterval(timer);
}
