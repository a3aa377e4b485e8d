/** An operation as its client sees it. */
import { isRecord } from '../../events/paths.ts';

export type Values = Readonly<Record<string, unknown>>;

/** What a client sends. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Values;
  readonly extensions?: Values;
}

export interface AnswerError {
  readonly code: string;
  readonly message: string;
}

/** One result, or errors. */
export interface Answer {
  readonly data: Values | undefined;
  readonly errors: readonly AnswerError[];
}

/** Why an operation is over. */
export interface End {
  /** By `performance.now()`. */
  readonly at: number;
  /** `complete`, a close code of a WebSocket, or a status of HTTP. */
  readonly by: string | number;
  readonly reason: string;
}

export interface Operation {
  readonly request: OperationRequest;
  readonly answers: readonly Answer[];
  /** The newest position that the server has named. */
  readonly cursor: string | undefined;
  readonly end: End | undefined;
}

/** An operation, for the transport that runs it. */
export interface RunningOperation extends Operation {
  /** Takes a result as it came. */
  take(result: unknown): void;
  reach(cursor: string): void;
  finish(by: End['by'], reason?: string): void;
}

export function createOperation(request: OperationRequest, onChange: () => void): RunningOperation {
  const answers: Answer[] = [];
  let cursor: string | undefined;
  let end: End | undefined;
  return {
    request,
    answers,
    get cursor() {
      return cursor;
    },
    get end() {
      return end;
    },
    take(result) {
      answers.push(readAnswer(result));
      const named = isRecord(result) && isRecord(result['extensions']) && result['extensions']['cursor'];
      if (typeof named === 'string') cursor = named;
      onChange();
    },
    reach(reached) {
      cursor = reached;
      onChange();
    },
    finish(by, reason = '') {
      end ??= { at: performance.now(), by, reason };
      onChange();
    },
  };
}

export function readAnswer(result: unknown): Answer {
  if (!isRecord(result)) return { data: undefined, errors: [] };
  const { data, errors } = result;
  return {
    data: isRecord(data) ? data : undefined,
    errors: Array.isArray(errors) ? errors.map(readError) : [],
  };
}

function readError(error: unknown): AnswerError {
  if (!isRecord(error)) return { code: 'none', message: '' };
  const code = isRecord(error['extensions']) ? error['extensions']['code'] : undefined;
  return { code: String(code ?? 'none'), message: String(error['message'] ?? '') };
}

/** The errors of an operation, in order. */
export const errorsOf = ({ answers }: Pick<Operation, 'answers'>): readonly AnswerError[] =>
  answers.flatMap(({ errors }) => errors);

/** Whether the server has said no: by an error, or by ending the connection. */
export const isRefused = (operation: Operation): boolean =>
  errorsOf(operation).length > 0 || (operation.end !== undefined && operation.end.by !== 'complete');

/** What came of an operation, in a few words. */
export function describeOutcome(operation: Operation): string {
  const { answers, end } = operation;
  const codes = errorsOf(operation).map(({ code }) => code);
  const results = answers.filter(({ data }) => data !== undefined).length;
  const parts = [
    ...(results > 0 ? [`${results} result${results === 1 ? '' : 's'}`] : []),
    ...new Set(codes),
    ...(end === undefined || end.by === 'complete' ? [] : [`ended by ${end.by}`]),
  ];
  return parts.length > 0 ? parts.join(', ') : 'no answer';
}
