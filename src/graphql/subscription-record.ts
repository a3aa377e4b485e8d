import type { SharedResults } from 'yoga-shared-subscriptions';
import { formatPosition } from '../bus/position.ts';
import { type TopicNames, topicName } from '../events/topic-names.ts';
import { newRecordId, type SecurityLog } from '../record/security-log.ts';
import { readCursor } from '../topics/cursor.ts';
import type { Context, ViewerSession } from './context.ts';
import {
  type Asked,
  type DescribedOperation,
  describeOperation,
  safeArguments,
} from './describe-operation.ts';
import type { Ending } from './endings.ts';

export interface SubscriptionRecordOptions {
  readonly securityLog: SecurityLog;
  readonly names: Pick<TopicNames, 'nameOf'>;
  /** The subscriptions that run. */
  readonly running: Set<SubscriptionRecord>;
}

/** What is the same for all who share an execution: their documents and variables are equal, and what they may see (audience-scope.ts). */
interface SharedPart {
  readonly asked: DescribedOperation & { readonly topic?: string };
  readonly filters: ReturnType<typeof safeArguments>;
}

/** By the context of the execution. */
const sharedParts = new WeakMap<object, SharedPart>();

/** Writes one subscription into the security log. A class, since there is one for each subscription. */
export class SubscriptionRecord {
  /** When its position is to be noted again (auth/recheck.ts). */
  dueAt = 0;
  readonly #options: SubscriptionRecordOptions;
  readonly #session: ViewerSession;
  readonly #asked: Asked;
  /** Known once it runs. */
  #shared: SharedPart | undefined;
  #id = '';
  #results: SharedResults | undefined;
  #since = 0;
  #first: string | null = null;
  #noted: string | null = null;

  constructor(options: SubscriptionRecordOptions, session: ViewerSession, asked: Asked) {
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
    const { names, running, securityLog } = this.#options;
    running.add(this);
    const { scope } = this.#session;
    this.#shared = sharedPartOf(results.context, names, () => describeOperation(this.#asked, scope));
    const { asked, filters } = this.#shared;
    securityLog.note({
      event: 'operation.started',
      ...this.#who(),
      ...asked,
      ...filters,
      first: this.#first,
    });
    const { field, reads } = asked;
    if (scope.isAdmin && reads != null && reads !== scope.unitId)
      securityLog.note({ event: 'admin.read_other_unit', ...this.#who(), field, reads });
  }

  /** Notes how far it has come, if that is any further than when it was last noted. */
  notePosition(): void {
    const last = this.#last();
    if (last === this.#noted || this.#shared === undefined) return;
    this.#noted = last;
    const { kind: _kind, topic = '', ...asked } = this.#shared.asked;
    this.#options.securityLog.note({
      event: 'operation.position',
      ...this.#who(),
      ...asked,
      topic,
      first: this.#first,
      last,
    });
  }

  /** @param ending `undefined`: it had ended before. */
  end(ending: Ending | undefined): void {
    if (ending === undefined) return;
    const { running, securityLog } = this.#options;
    if ('refused' in ending) {
      const { who, scope } = this.#session;
      const asked = describeOperation(this.#asked, scope);
      securityLog.note({ event: 'operation.refused', ...who, ...asked, code: ending.refused });
      return;
    }
    running.delete(this);
    if (this.#shared === undefined) return;
    securityLog.note({
      event: 'operation.ended',
      ...this.#who(),
      ...this.#shared.asked,
      reason: ending.ended,
      seconds: (Date.now() - this.#since) / 1000,
      first: this.#first,
      last: this.#last(),
    });
  }

  #who() {
    return { ...this.#session.who, operation: this.#id };
  }

  #last(): string | null {
    return (this.#results && positionOf(this.#results)) ?? this.#first;
  }
}

function sharedPartOf(
  context: Context,
  names: SubscriptionRecordOptions['names'],
  describe: () => DescribedOperation,
): SharedPart {
  const known = sharedParts.get(context);
  if (known !== undefined) return known;
  const reading = context.audience?.reading;
  const part = {
    asked: { ...describe(), ...(reading?.topic && { topic: topicName(names, reading.topic) }) },
    filters: safeArguments(reading?.arguments ?? {}),
  };
  sharedParts.set(context, part);
  return part;
}

function positionOf(results: SharedResults): string | null {
  const position = readCursor(results.cursor() ?? '');
  return position === undefined ? null : formatPosition(position);
}
