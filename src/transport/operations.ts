import type { SharedResults } from 'yoga-shared-subscriptions';

/** A message of a client: parsed, or as it came where it is no JSON. */
type Message = unknown;
/** graphql-ws: what it returns for a `subscribe` message settles when the operation is over. */
export type Handle = (message: Message) => Promise<void>;

/** An operation, from its `subscribe` message until all of it is over. */
export class Operation {
  /** Gives it up while it is being opened. */
  giveUp: (() => void) | undefined;
  /** What it runs on, once it is open. */
  results: SharedResults | undefined;
  /** Its client has completed it. */
  isLeaving = false;
  /** The `subscribe` message that waits for its id. */
  successor: Message;
}

/**
 * A client may use an id again as soon as it has completed the operation that had it. graphql-ws knows operations by their id
 * alone, and takes a new one for the old while that is still winding up: it would complete the new one, or keep both. So the
 * new one waits until the old one is gone.
 *
 * A class, since there is one for each socket: all of them share the methods, while closures would be made for each.
 */
export class Operations {
  readonly #running = new Map<string, Operation>();
  readonly #handle: Handle;
  readonly #onDuplicate: () => void;

  /** @param onDuplicate a third operation of an id came, while a second one waits. */
  constructor(handle: Handle, onDuplicate: () => void) {
    this.#handle = handle;
    this.#onDuplicate = onDuplicate;
  }

  get(id: string): Operation | undefined {
    return this.#running.get(id);
  }

  ids(): Iterable<string> {
    return this.#running.keys();
  }

  /** What the open subscriptions run on. */
  *results(): Iterable<SharedResults> {
    for (const { results } of this.#running.values()) if (results !== undefined) yield results;
  }

  /** Settles when all that the message began is over. */
  receive(data: string): Promise<void> {
    const message = parse(data);
    if (!isOfOperation(message)) return this.#handle(message);
    const operation = this.#running.get(message.id);
    if (message.type === 'complete') return this.#complete(operation, message);
    if (operation === undefined) return this.#subscribe(message.id, message);
    if (!operation.isLeaving) return this.#handle(message); // graphql-ws refuses it
    if (operation.successor === undefined) operation.successor = message;
    else this.#onDuplicate();
    return Promise.resolve();
  }

  async #subscribe(id: string, first: Message): Promise<void> {
    let message = first;
    while (message !== undefined) {
      const operation = new Operation();
      this.#running.set(id, operation);
      try {
        await this.#handle(message);
      } finally {
        this.#running.delete(id);
      }
      message = operation.successor;
    }
  }

  async #complete(operation: Operation | undefined, message: Message): Promise<void> {
    const isForSuccessor = operation?.successor !== undefined;
    if (operation !== undefined) {
      operation.isLeaving = true;
      operation.successor = undefined;
      operation.giveUp?.();
    }
    if (!isForSuccessor) await this.#handle(message);
  }
}

/** graphql-ws parses strings, and takes what is parsed as it is; what is no object is left to it to refuse. */
function parse(data: string): Message {
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === 'object' && message !== null ? message : data;
  } catch {
    return data;
  }
}

interface OperationMessage {
  readonly type: 'subscribe' | 'complete';
  readonly id: string;
}

/** Whether it begins or ends an operation; graphql-ws checks the rest. */
function isOfOperation(message: Message): message is OperationMessage {
  if (typeof message !== 'object' || message === null || !('type' in message) || !('id' in message))
    return false;
  const { type, id } = message;
  return (type === 'subscribe' || type === 'complete') && typeof id === 'string';
}
