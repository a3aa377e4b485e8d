/** Every field of the schema, even a field that is added later: it arrives, its role guard works, and filters narrow. */
import { type GraphQLArgument, getNamedType, isEnumType, isListType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type EventKind, ownTopicArgument, subscriptionFields, topicRule } from '../../src/events/kinds.ts';
import { readDirective } from '../../src/events/sdl.ts';
import { useApp } from '../support/app.ts';
import { type Data, type LiveClient, subscribed, useClient } from '../support/clients.ts';
import { DOMAIN } from '../support/domain.ts';
import { guardedFields, OWN_UNIT, roleOf, sampleEvent, selectAll } from '../support/samples.ts';
import { people, signToken } from '../support/tokens.ts';

const SUBSCRIPTIONS = subscriptionFields(DOMAIN.schema).map((field) => {
  const kind = DOMAIN.kinds.get(topicRule(DOMAIN.schema, field)?.kind ?? '');
  if (kind === undefined) throw new Error(`${field.name} has no topic.`);
  return { name: field.name, field, kind };
});
/** A role that may read audit entries of its own unit. */
const AUDITOR = { AUDIT_ROLES: 'System Admin, QC' };
const auditor = (): Promise<string> => signToken({ role: 'QC' });

const topicOf = ({ kind }: EventKind): string => `dms:${kind}:unit:${OWN_UNIT}`;

/** Publishes some events, and returns the first one that the operation gets. */
async function firstOf(
  token: string,
  query: string,
  kind: EventKind,
  events: readonly unknown[],
): Promise<Data> {
  const app = await useApp(AUDITOR);
  const operation = await subscribed(useClient(app, token), query);
  for (const event of events) await app.bus.publish(topicOf(kind), JSON.stringify(event));
  return operation.data();
}

describe.each(SUBSCRIPTIONS)('$name', ({ name, field, kind }) => {
  const event = sampleEvent(kind);

  test('gives a System Admin every field exactly as it was sent', async () => {
    const query = `subscription { ${name}(unitId: ${OWN_UNIT}) ${selectAll(kind.type, [])} }`;
    expect(await firstOf(await people.admin(), query, kind, [event.sent])).toEqual({ [name]: event.toAdmin });
  });

  test('gives a person of the unit every field, and no data of another unit', async () => {
    const query = `subscription { ${name} ${selectAll(kind.type, ['ADMIN'])} }`;
    const data = await firstOf(await auditor(), query, kind, [event.sent]);
    expect(event.toUnit).toMatchObject({ ...data[name] });
    expect(JSON.stringify(data)).not.toContain('unit 7');
  });

  test('refuses fields that need a role', async () => {
    const app = await useApp(AUDITOR);
    const head = useClient(app, await people.head());
    const without: Record<string, LiveClient> = { ADMIN: useClient(app, await auditor()), AUDITOR: head };
    for (const { path, role } of guardedFields(kind.type)) {
      const query = `subscription { ${name} ${path.reduceRight((inner, one) => `{ ${one} ${inner} }`, '')} }`;
      expect(await without[String(role)]?.run(query).next(), query).toMatchObject({
        result: { errors: [{ path: [name, ...path], extensions: { code: 'FORBIDDEN' } }] },
      });
    }
    if (roleOf(field) !== undefined)
      expect(await head.run(`subscription { ${name} { id } }`).codes()).toEqual(['FORBIDDEN']);
  });

  test('narrows by each of its filters, and has no other arguments', async () => {
    const filters = field.args.filter((one) => readDirective(DOMAIN.schema, one, 'filter') !== undefined);
    const known = ['unitId', ownTopicArgument(DOMAIN.schema, field), ...filters.map((one) => one.name)];
    expect(field.args.map((one) => one.name).filter((argument) => !known.includes(argument))).toEqual([]);
    for (const filter of filters) {
      const path = String(readDirective(DOMAIN.schema, filter, 'filter')?.['by']);
      const [wanted, other] = valuesOf(filter);
      const asked = isListType(filter.type) ? `[${wanted}]` : wanted;
      const query = `subscription { ${name}(${filter.name}: ${asked}) { id } }`;
      const events = [
        withValue(event.sent, path, read(other), 'another'),
        withValue(event.sent, path, read(wanted), 'wanted'),
      ];
      expect(await firstOf(await auditor(), query, kind, events), query).toEqual({
        [name]: { id: 'wanted' },
      });
    }
  });
});

/** Two values that a filter accepts, as a document writes them. */
function valuesOf({ type }: GraphQLArgument): readonly [string, string] {
  const named = getNamedType(type);
  if (isEnumType(named)) {
    const [first, second] = named.getValues();
    return [first?.name ?? '', second?.name ?? ''];
  }
  if (named.name === 'Boolean') return ['true', 'false'];
  return named.name === 'Int' ? ['1', '2'] : ['"1"', '"2"'];
}

/** Converts a value from a document's notation to a message's. */
const read = (written: string): unknown => (/^[A-Z]/.test(written) ? written : JSON.parse(written));

/** A copy of a message with another id and another value at a path. */
function withValue(message: unknown, path: string, value: unknown, id: string): object {
  const copy = structuredClone(message) as Record<string, unknown>; // made by `sampleEvent`
  const [last = '', ...outer] = path.split('.').reverse();
  const holder = outer.reverse().reduce((at, name) => at[name] as Record<string, unknown>, copy);
  holder[last] = value;
  return { ...copy, id };
}
