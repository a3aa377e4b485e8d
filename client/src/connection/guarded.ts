/** Calls what belongs to the app. What it throws is reported as what it is, an uncaught error, and disturbs nobody else. */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (typeof reportError === 'function') reportError(error);
    else queueMicrotask(() => rethrow(error));
  }
}

function rethrow(error: unknown): never {
  throw error;
}
