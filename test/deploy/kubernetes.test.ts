/** deploy/kubernetes: each manifest follows Kubernetes' own schema, and the manifests fit each other, the server and the image. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { useApp } from '../support/app.ts';
import { readMetrics } from '../support/metrics.ts';
import { DEPLOY, settingNames, textOf, yamlOf } from './support/files.ts';
import { kindOfKubernetes } from './support/schemas.ts';

const BASE = 'kubernetes/base';
const kustomization = z
  .object({ resources: z.array(z.string()) })
  .parse(yamlOf(`${BASE}/kustomization.yaml`)[0]);
const named = z.looseObject({ apiVersion: z.string(), kind: z.string() });
const manifests = kustomization.resources.flatMap((file) =>
  yamlOf(`${BASE}/${file}`).map((manifest) => named.parse(manifest)),
);
const find = (kind: string): unknown => manifests.find((manifest) => manifest.kind === kind);

const labels = z.record(z.string(), z.string());
const selector = z.object({ matchLabels: labels });
const port = z.union([z.string(), z.number()]);
const probe = z.object({ httpGet: z.object({ path: z.string(), port }) });
const fromSecret = z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) });
const {
  spec: { strategy, ...deployment },
} = z
  .object({
    spec: z.object({
      strategy: z.object({ rollingUpdate: z.object({ maxSurge: z.number(), maxUnavailable: z.number() }) }),
      selector,
      template: z.object({
        metadata: z.object({ labels, annotations: labels }),
        spec: z.object({
          serviceAccountName: z.string(),
          terminationGracePeriodSeconds: z.number(),
          securityContext: z.record(z.string(), z.unknown()),
          containers: z.tuple([
            z.object({
              image: z.string(),
              ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
              env: z.array(z.object({ name: z.string(), valueFrom: fromSecret })),
              startupProbe: probe,
              livenessProbe: probe,
              readinessProbe: probe,
              lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }),
              securityContext: z.record(z.string(), z.unknown()),
            }),
          ]),
        }),
      }),
    }),
  })
  .parse(find('Deployment'));
const pod = deployment.template.spec;
const [container] = pod.containers;
const settings = parseEnv(textOf(`${BASE}/settings.env`));

test('every manifest is in the kustomization, and follows the schema of its kind', () => {
  const files = readdirSync(join(DEPLOY, BASE)).filter((name) => name.endsWith('.yaml'));
  expect(kustomization.resources.toSorted()).toEqual(
    files.filter((name) => name !== 'kustomization.yaml').toSorted(),
  );
  for (const manifest of manifests) {
    const version = manifest.apiVersion.split('/').at(-1);
    const { error } = kindOfKubernetes(`${version}.${manifest.kind}`).safeParse(manifest);
    expect({ kind: manifest.kind, issues: error?.issues }).toEqual({
      kind: manifest.kind,
      issues: undefined,
    });
  }
});

test('a field that Kubernetes does not know, or of another type, is found', () => {
  const service = kindOfKubernetes('v1.Service');
  expect(service.safeParse({ spec: { ports: [{ port: 80 }] } }).success).toBe(true);
  expect(service.safeParse({ spec: { prots: [] } }).success).toBe(false);
  expect(service.safeParse({ spec: { ports: [{ port: '80' }] } }).success).toBe(false);
});

test('a pod has time to send its clients away before it is killed, and a new one is there before', () => {
  const drain = container.lifecycle.preStop.sleep.seconds + Number(settings['SHUTDOWN_SECONDS']);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(drain + 5);
  expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
});

test('every selector selects the pods', () => {
  const { spec: service } = z.object({ spec: z.object({ selector: labels }) }).parse(find('Service'));
  const { spec: budget } = z.object({ spec: z.object({ selector }) }).parse(find('PodDisruptionBudget'));
  const { spec: policy } = z
    .object({ spec: z.object({ podSelector: selector }) })
    .parse(find('NetworkPolicy'));
  const selectors = [deployment.selector, budget.selector, policy.podSelector].map((one) => one.matchLabels);
  for (const wanted of [service.selector, ...selectors])
    expect(deployment.template.metadata.labels).toMatchObject(wanted);
});

test('ports are those that the server listens on, and probes ask the one that is not public', () => {
  const ports = new Map(container.ports.map(({ name, containerPort }) => [name, containerPort]));
  expect(ports.get('http')).toBe(Number(settings['PORT']));
  expect(ports.get('metrics')).toBe(Number(settings['METRICS_PORT']));
  expect(deployment.template.metadata.annotations['prometheus.io/port']).toBe(settings['METRICS_PORT']);
  const asked = [container.startupProbe, container.livenessProbe, container.readinessProbe];
  expect(asked.map(({ httpGet }) => httpGet)).toEqual([
    { path: '/health', port: 'metrics' },
    { path: '/health', port: 'metrics' },
    { path: '/ready', port: 'metrics' },
  ]);
  const targets = z.object({ spec: z.object({ ports: z.array(z.object({ targetPort: port })) }) });
  expect(targets.parse(find('Service')).spec.ports).toEqual([{ targetPort: 'http' }]);
});

test('settings exist, and secrets come by reference', () => {
  const secret = container.env.map(({ name }) => name);
  expect(secret).toEqual(['REDIS_URL', 'JWT_SECRET']);
  for (const { name, valueFrom } of container.env)
    expect(valueFrom.secretKeyRef).toEqual({ name: 'dms-live', key: name });
  const overlay = z
    .object({ configMapGenerator: z.tuple([z.object({ literals: z.array(z.string()) })]) })
    .parse(yamlOf('kubernetes/example/kustomization.yaml')[0]);
  const literals = overlay.configMapGenerator[0].literals.map((literal) => literal.split('=')[0] ?? '');
  const names = [...secret, ...Object.keys(settings), ...literals];
  expect(names.filter((name) => !settingNames().has(name))).toEqual([]);
});

test('pods are restricted as the strictest Pod Security Standard says', () => {
  expect(pod.securityContext).toMatchObject({
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

test('the autoscaler counts what the server measures', async () => {
  const metric = z.object({ pods: z.object({ metric: z.object({ name: z.string() }) }).optional() });
  const { spec } = z
    .object({ spec: z.object({ metrics: z.array(metric) }) })
    .parse(find('HorizontalPodAutoscaler'));
  const names = spec.metrics.flatMap(({ pods }) => pods?.metric.name ?? []);
  expect(names).toEqual(['dms_live_connections']);
  const measured = await readMetrics(await useApp());
  expect(names.filter((name) => !measured.has(name))).toEqual([]);
});
