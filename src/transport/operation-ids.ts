type Handle = (data: string) => Promise<void>;

/**
 * A client may use an id again as soon as it has completed the operation that had it. graphql-ws knows operations by their id
 * alone, and takes a new one for the old while that is still winding up: it would complete the new one, or keep both. So the
 * new one waits until the old one is gone.
 * @param handle graphql-ws: what it returns for a `subscribe` message settles when the operation is over.
 * @param onComplete a client has completed an operation that may still be being opened.
 * @param onDuplicate a third operation of an id came, while a second one waits.
 */
export function keepIdsApart(
  handle: Handle,
  onComplete: (id: string) => void,
  onDuplicate: () => void,
): Handle {
  const running = new Map<string, Promise<void>>();
  const leaving = new Set<string>();
  /** What waits for an id: its `subscribe` message. */
  const waiting = new Map<string, string>();

  async function subscribe(id: string, data: string): Promise<void> {
    const operation = handle(data);
    running.set(id, operation);
    try {
      await operation;
    } finally {
      running.delete(id);
      leaving.delete(id);
    }
    const next = waiting.get(id);
    waiting.delete(id);
    if (next !== undefined) await subscribe(id, next);
  }

  return async (data) => {
    const message = readHeader(data);
    if (message === undefined) return handle(data);
    const { type, id } = message;
    if (type === 'complete') {
      if (running.has(id)) leaving.add(id);
      onComplete(id);
      if (!waiting.delete(id)) await handle(data);
    } else if (!running.has(id)) {
      await subscribe(id, data);
    } else if (!leaving.has(id)) {
      await handle(data); // graphql-ws refuses it
    } else if (waiting.has(id)) {
      onDuplicate();
    } else {
      waiting.set(id, data);
    }
  };
}

interface Header {
  readonly type: 'subscribe' | 'complete';
  readonly id: string;
}

/** Of the messages that begin or end an operation; graphql-ws checks all of them. */
function readHeader(data: string): Header | undefined {
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== 'object' || message === null || !('type' in message) || !('id' in message))
      return undefined;
    const { type, id } = message;
    return (type === 'subscribe' || type === 'complete') && typeof id === 'string' ? { type, id } : undefined;
  } catch {
    return undefined;
  }
}
