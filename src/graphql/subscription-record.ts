import type { SharedResults } from 'yoga-shared-subscriptions';
import { whoOf } from '../auth/who.ts';
import { formatPosition } from '../bus/position.ts';
import type { TopicNames } from '../events/topic-names.ts';
import { newRecordId, type SecurityLog } from '../record/security-log.ts';
import { readCursor } from '../topics/cursor.ts';
import type { Context, ViewerSession } from './context.ts';
import { type DescribedOperation, safeArguments } from './describe-operation.ts';
import type { Ending } from './endings.ts';

export interface SubscriptionRecordOptions {
  readonly securityLog: SecurityLog;
  readonly names: Pick<TopicNames, 'nameOf'>;
  /** The subscriptions that run. */
  readonly running: Set<SubscriptionRecord>;
}

/** Writes one subscription into the security log. A class, since there is one for each subscription. */
export class SubscriptionRecord {
  /** When its position is to be noted again (auth/recheck.ts). */
  dueAt = 0;
  readonly #options: SubscriptionRecordOptions;
  readonly #session: ViewerSession;
  readonly #asked: DescribedOperation;
  #id = '';
  #results: SharedResults | undefined;
  #since = 0;
  #first: string | null = null;
  #noted: string | null = null;

  constructor(options: SubscriptionRecordOptions, session: ViewerSession, asked: DescribedOperation) {
    this.#options = options;
    this.#session = session;
    this.#asked = asked;
  }

  begin(results: SharedResults): void {
    this.#results = results;
    this.#id = newRecordId();
    this.#since = Date.now();
    this.#first = positionOf(results);
    this.#noted = this.#first;
    const { running, securityLog } = this.#options;
    running.add(this);
    const { audience }: Context = results.context; // as audience-scope.ts has made it
    const who = this.#who();
    const given = audience?.reading?.arguments ?? {};
    securityLog.note({
      event: 'operation.started',
      ...who,
      ...this.#asked,
      ...this.#topic(),
      ...safeArguments(given),
      first: this.#first,
    });
    const { field, reads } = this.#asked;
    const { isAdmin, unitId } = this.#session.scope;
    if (isAdmin && reads != null && reads !== unitId)
      securityLog.note({ event: 'admin.read_other_unit', ...who, field, reads });
  }

  /** Notes how far it has come, if that is any further than when it was last noted. */
  notePosition(): void {
    const last = this.#last();
    if (last === this.#noted) return;
    this.#noted = last;
    const { kind: _kind, ...asked } = this.#asked;
    this.#options.securityLog.note({
      event: 'operation.position',
      ...this.#who(),
      ...asked,
      topic: this.#topic().topic ?? '',
      first: this.#first,
      last,
    });
  }

  /** @param ending `undefined`: it had ended before. */
  end(ending: Ending | undefined): void {
    if (ending === undefined) return;
    const { running, securityLog } = this.#options;
    if ('refused' in ending) {
      const code = ending.refused;
      securityLog.note({ event: 'operation.refused', ...whoOf(this.#session), ...this.#asked, code });
      return;
    }
    running.delete(this);
    securityLog.note({
      event: 'operation.ended',
      ...this.#who(),
      ...this.#asked,
      ...this.#topic(),
      reason: ending.ended,
      seconds: (Date.now() - this.#since) / 1000,
      first: this.#first,
      last: this.#last(),
    });
  }

  #who() {
    return { ...whoOf(this.#session), operation: this.#id };
  }

  #topic(): { readonly topic?: string } {
    const { audience }: Context = this.#results?.context ?? {};
    if (audience?.reading?.topic === undefined) return {};
    const { channel, pattern } = this.#options.names.nameOf(audience.reading.topic);
    return { topic: channel ?? pattern };
  }

  #last(): string | null {
    return (this.#results && positionOf(this.#results)) ?? this.#first;
  }
}

function positionOf(results: SharedResults): string | null {
  const position = readCursor(results.cursor() ?? '');
  return position === undefined ? null : formatPosition(position);
}
