import { UsageError } from '../command.ts';

/** Reads `request:4821`. */
export function readEntity(written: string): { readonly kind: string; readonly entityId: string } {
  const [, kind, entityId] = /^([^:]+):(.+)$/.exec(written) ?? [];
  if (kind === undefined || entityId === undefined)
    throw new UsageError('--entity: write the kind, a colon and the id, such as request:4821.');
  return { kind, entityId };
}
