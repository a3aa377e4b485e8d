/** What the arguments of a subscription leave out. */
import type { GraphQLField, GraphQLSchema } from 'graphql';
import { LiveError } from '../errors.ts';
import type { EventData } from './kinds.ts';
import { readPath } from './paths.ts';
import { readDirective } from './sdl.ts';

/** Whether a subscription wants an event. */
export type Wants = (event: EventData) => boolean;

/**
 * The filters of a subscription, given its arguments; `undefined` where they leave nothing out. Throws `BAD_USER_INPUT` for an empty
 * list: it would match nothing for ever, which nobody means.
 */
export function createFilters(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
): (args: Readonly<Record<string, unknown>>) => Wants | undefined {
  const filters = field.args.flatMap((argument) => {
    const path = readDirective(schema, argument, 'filter')?.['by'];
    return typeof path === 'string' ? [{ name: argument.name, read: readPath(path) }] : [];
  });
  return (args) =>
    allOf(
      filters.flatMap(({ name, read }): Wants[] => {
        const wanted = args[name];
        if (wanted === undefined || wanted === null) return [];
        if (!Array.isArray(wanted)) return [(event) => read(event) === wanted];
        if (wanted.length === 0)
          throw new LiveError('BAD_USER_INPUT', `${name} is empty: name at least one, or leave it out.`);
        return [(event) => wanted.includes(read(event))];
      }),
    );
}

/** What all of some want; `undefined`: everything. */
export function allOf(filters: readonly Wants[]): Wants | undefined {
  if (filters.length <= 1) return filters[0];
  return (event) => filters.every((wants) => wants(event));
}
