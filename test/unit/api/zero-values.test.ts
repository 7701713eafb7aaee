import test from 'ava';
import { trackUpdate } from '#api/apply/managed-fields.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { withoutNulls } from '#api/without-nulls.ts';
import { nullsOf, withZeroValues } from '#api/zero-values.ts';

const schema = loadSchema();
const completed = (resource: ResourceType, body: object): object => withZeroValues(schema, resource.facts, body);

for (const [resource, body, written] of [
  [resources.CONFIG_MAPS, {}, { metadata: {} }],
  [resources.SERVICES, { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } }, { metadata: { name: 'a' }, spec: { ports: [{ port: 80, targetPort: 0 }] }, status: { loadBalancer: {} } }],
  [resources.DEPLOYMENTS, { metadata: {}, spec: { template: { spec: { containers: [{ name: 'c' }] } } } },
    { metadata: {}, spec: { strategy: {}, template: { metadata: {}, spec: { containers: [{ name: 'c', resources: {} }] } } }, status: {} }],
  [resources.PODS, { metadata: {}, spec: { containers: [] }, status: { containerStatuses: [{ name: 'c', state: { running: {} } }], conditions: [{ type: 'Ready', status: 'True' }] } },
    { metadata: {}, spec: { containers: [] }, status: { containerStatuses: [{ name: 'c', state: { running: {} }, lastState: {}, ready: false, restartCount: 0, image: '', imageID: '' }], conditions: [{ type: 'Ready', status: 'True' }] } }],
  [resources.POD_DISRUPTION_BUDGETS, { metadata: {}, spec: {} }, { metadata: {}, spec: {}, status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } }],
  [resources.STATEFUL_SETS, { metadata: {}, spec: { template: {} } }, { metadata: {}, spec: { serviceName: '', updateStrategy: {}, template: { metadata: {}, spec: {} } }, status: { replicas: 0, availableReplicas: 0 } }],
  [resources.DAEMON_SETS, { metadata: {}, spec: { template: {} } }, { metadata: {}, spec: { updateStrategy: {}, template: { metadata: {}, spec: {} } }, status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 } }],
  [resources.HORIZONTAL_POD_AUTOSCALERS, { metadata: {}, spec: { scaleTargetRef: { kind: 'D', name: 'd' }, maxReplicas: 3 } }, { metadata: {}, spec: { scaleTargetRef: { kind: 'D', name: 'd' }, maxReplicas: 3 }, status: { desiredReplicas: 0 } }],
  [resources.INGRESSES, { metadata: {}, spec: { defaultBackend: { service: { name: 's' } } } }, { metadata: {}, spec: { defaultBackend: { service: { name: 's', port: {} } } }, status: { loadBalancer: {} } }],
  [resources.PERSISTENT_VOLUME_CLAIMS, { metadata: {} }, { metadata: {}, spec: { resources: {} }, status: {} }],
  [resources.EVENTS, { metadata: {}, reason: 'R' }, { metadata: {}, reason: 'R', involvedObject: {}, source: {}, reportingComponent: '', reportingInstance: '' }],
  [resources.APPLICATIONS, { metadata: {}, spec: { repository: 'r' } }, { metadata: {}, spec: { repository: 'r' } }],
] as const) {
  test(`a ${resource.kind} has what Go always writes, and nothing is added twice`, (t) => {
    const once = completed(resource, body);
    t.deepEqual<object, object>(once, written);
    t.is(completed(resource, once), once);
  });
}

test('every kind with a status has it, and its spec', (t) => {
  for (const resource of resources.BUILT_IN_RESOURCES) {
    if (resource.group === 'headway.dev') continue;
    const fields = schema.type(resource.facts ?? '')?.fields;
    const object = completed(resource, {}) as Record<string, unknown>;
    for (const name of ['metadata', 'spec', 'status']) {
      if (fields?.has(name)) t.is(name in object, fields.get(name)?.pointer !== true, `${resource.kind}.${name}`);
    }
  }
});

test('nobody owns what is there before anyone sets it', (t) => {
  const made = completed(resources.PERSISTENT_VOLUME_CLAIMS, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'a' }, spec: { resources: { requests: { storage: '1Gi' } } } }) as KubeObject;
  const [entry] = trackUpdate(schema, resources.PERSISTENT_VOLUME_CLAIMS, { updated: made, manager: 'm', now: '2026-01-02T00:00:00Z' }).metadata.managedFields ?? [];
  t.deepEqual(entry?.fieldsV1, { 'f:spec': { 'f:resources': { 'f:requests': { '.': {}, 'f:storage': {} } } } });
});

const TIME = '2026-01-02T00:00:00Z';
for (const [resource, body, written] of [
  [resources.CONFIG_MAPS, { metadata: {} }, { metadata: {} }],
  [resources.ROLES, { metadata: {} }, { metadata: {}, rules: null }],
  [resources.CLUSTER_ROLES, { metadata: {}, rules: [{}] }, { metadata: {}, rules: [{ verbs: null }] }],
  [resources.PODS, { metadata: {}, spec: { containers: [] }, status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: TIME }], containerStatuses: [{ state: { terminated: { exitCode: 1 } } }] } },
    { metadata: {}, spec: { containers: [] }, status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: TIME, lastProbeTime: null }], containerStatuses: [{ state: { terminated: { exitCode: 1, startedAt: null, finishedAt: null } } }] } }],
  [resources.ENDPOINT_SLICES, { metadata: {}, addressType: 'IPv4' }, { metadata: {}, addressType: 'IPv4', endpoints: null, ports: null }],
  [resources.EVENTS, { metadata: {}, firstTimestamp: TIME }, { metadata: {}, firstTimestamp: TIME, lastTimestamp: null, eventTime: null }],
  [resources.HORIZONTAL_POD_AUTOSCALERS, { metadata: {}, status: {} }, { metadata: {}, status: { currentMetrics: null } }],
  [resources.CUSTOM_RESOURCE_DEFINITIONS, { metadata: {}, spec: { versions: [{ schema: { openAPIV3Schema: { default: { rules: null } } } }] }, status: {} },
    { metadata: {}, spec: { versions: [{ schema: { openAPIV3Schema: { default: { rules: null } } } }] }, status: { conditions: null, storedVersions: null } }],
  [resources.APPLICATIONS, { metadata: {} }, { metadata: {} }],
] as const) {
  test(`the text of a ${resource.kind} has the nulls that Go writes, and our clients take them away again`, (t) => {
    const head = { apiVersion: apiVersionOf(resource), kind: resource.kind };
    const text = nullsOf(schema, resource.facts)?.(body as object) ?? body;
    t.deepEqual<object, object>(text, written);
    t.deepEqual(withoutNulls(schema, { ...head, ...text }), { ...head, ...body });
    t.deepEqual(withoutNulls(schema, { type: 'ADDED', object: { ...head, ...text } }), { type: 'ADDED', object: { ...head, ...body } });
    t.deepEqual(withoutNulls(schema, { ...head, kind: `${resource.kind}List`, items: [text] }), { ...head, kind: `${resource.kind}List`, items: [body] });
  });
}

test('nulls of custom resources are their own', (t) => {
  const custom = { apiVersion: 'example.com/v1', kind: 'Role', rules: null, spec: { a: null } };
  t.is(withoutNulls(schema, custom), custom);
});
